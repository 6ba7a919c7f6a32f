import { z } from "zod";
import { readSecrets, secretSetting } from "./read-secrets.ts";

const name = "INSECURE_SHARED_TOKEN_SECRET";
const acceptedName = "INSECURE_SHARED_TOKEN_SECRET_ACCEPTED";

/**
 * INSECURE by design, for the smallest set-ups: with the first of these variables set, tokens are signed with a secret
 * that every service holds (HS256), so that each of them could forge any token. Set for all services or none. A secret
 * of `…_ACCEPTED` signs nothing and is accepted: for a change from keys to a secret, or from a secret to keys.
 */
export const insecureSharedSecretSettings = {
  [name]: secretSetting().optional(),
  [`${name}_FILE` as const]: z.string().optional(),
  [acceptedName]: secretSetting().optional(),
  [`${acceptedName}_FILE` as const]: z.string().optional(),
};

export type InsecureSharedSecretSettings = {
  readonly INSECURE_SHARED_TOKEN_SECRET?: readonly Uint8Array[] | undefined;
  readonly INSECURE_SHARED_TOKEN_SECRET_FILE?: string | undefined;
  readonly INSECURE_SHARED_TOKEN_SECRET_ACCEPTED?: readonly Uint8Array[] | undefined;
  readonly INSECURE_SHARED_TOKEN_SECRET_ACCEPTED_FILE?: string | undefined;
};

/**
 * The shared secrets of which the first signs, or null for keys, which is the rule.
 *
 * @throws ConfigurationError naming the variable, for one that is short or a file that cannot be used
 */
export function readInsecureSharedSecrets(
  settings: InsecureSharedSecretSettings,
): Promise<readonly Uint8Array[] | null> {
  const file = settings.INSECURE_SHARED_TOKEN_SECRET_FILE;
  return readSecrets(name, { value: settings.INSECURE_SHARED_TOKEN_SECRET, file });
}

/**
 * Every shared secret with which a token is accepted, those that sign first; null when there is none.
 *
 * @throws ConfigurationError as `readInsecureSharedSecrets` does
 */
export async function readInsecureAcceptedSecrets(
  settings: InsecureSharedSecretSettings,
): Promise<readonly Uint8Array[] | null> {
  const file = settings.INSECURE_SHARED_TOKEN_SECRET_ACCEPTED_FILE;
  const signing = await readInsecureSharedSecrets(settings);
  const accepted = await readSecrets(acceptedName, { value: settings.INSECURE_SHARED_TOKEN_SECRET_ACCEPTED, file });
  return signing === null ? accepted : [...signing, ...(accepted ?? [])];
}
