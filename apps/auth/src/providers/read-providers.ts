import { ConfigurationError, type SettingsOf } from "@countersign/service";
import { findKeyProblem } from "./client-proof.ts";
import { parseProviders } from "./parse-providers.ts";
import { apple, github, google, microsoft } from "./presets.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** The part of the settings that names providers. */
type Settings = Pick<
  SettingsOf<"auth">,
  | "NODE_ENV"
  | "GOOGLE_CLIENT_ID"
  | "GOOGLE_CLIENT_SECRET"
  | "MICROSOFT_CLIENT_ID"
  | "MICROSOFT_CLIENT_SECRET"
  | "MICROSOFT_TENANT"
  | "GITHUB_CLIENT_ID"
  | "GITHUB_CLIENT_SECRET"
  | "APPLE_CLIENT_ID"
  | "APPLE_TEAM_ID"
  | "APPLE_KEY_ID"
  | "APPLE_PRIVATE_KEY"
  | "OPENID_PROVIDERS"
>;

/**
 * The providers that the settings name. None of them is asked for anything: one that is down stops no start.
 *
 * @throws ConfigurationError naming the variable that is missing or wrong, never a secret
 */
export async function readProviders(settings: Settings): Promise<readonly ProviderSettings[]> {
  const ofGoogle = readRegistration(settings, "GOOGLE");
  const ofMicrosoft = readRegistration(settings, "MICROSOFT");
  const ofApple = readApple(settings);
  const ofGitHub = readRegistration(settings, "GITHUB");
  const presets = [
    ofGoogle === null ? null : google(ofGoogle),
    ofMicrosoft === null ? null : microsoft(ofMicrosoft, settings.MICROSOFT_TENANT),
    ofApple,
    ofGitHub === null ? null : github(ofGitHub),
  ].filter((provider) => provider !== null);
  const { OPENID_PROVIDERS: text, NODE_ENV } = settings;
  const others = text === undefined ? [] : await parseProviders(text, NODE_ENV !== "production");
  const providers = [...presets, ...others];
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ConfigurationError(`OPENID_PROVIDERS: there are two providers of the name ${twice}.`);
  return providers;
}

function readRegistration(settings: Settings, prefix: "GOOGLE" | "MICROSOFT" | "GITHUB") {
  const clientId = settings[`${prefix}_CLIENT_ID`];
  const secret = settings[`${prefix}_CLIENT_SECRET`];
  if (clientId === undefined && secret === undefined) return null;
  if (clientId === undefined)
    throw new ConfigurationError(`${prefix}_CLIENT_ID is missing; ${prefix}_CLIENT_SECRET is set.`);
  if (secret === undefined)
    throw new ConfigurationError(
      `${prefix}_CLIENT_SECRET or ${prefix}_CLIENT_SECRET_FILE is missing; ${prefix}_CLIENT_ID is set.`,
    );
  return { clientId, proof: { kind: "secret", secret } as const };
}

function readApple(settings: Settings): ProviderSettings | null {
  const { APPLE_CLIENT_ID: clientId, APPLE_TEAM_ID: teamId, APPLE_KEY_ID: keyId, APPLE_PRIVATE_KEY: key } = settings;
  const given = { APPLE_CLIENT_ID: clientId, APPLE_TEAM_ID: teamId, APPLE_KEY_ID: keyId, APPLE_PRIVATE_KEY: key };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === Object.keys(given).length) return null;
  if (clientId === undefined || teamId === undefined || keyId === undefined || key === undefined)
    throw new ConfigurationError(`${missing.join(", ")}: missing, for Apple all four are needed.`);
  const problem = findKeyProblem(key, "apple");
  if (problem !== null) throw new ConfigurationError(`APPLE_PRIVATE_KEY: ${problem}.`);
  return apple({ clientId, proof: { kind: "apple", key, keyId, teamId } });
}
