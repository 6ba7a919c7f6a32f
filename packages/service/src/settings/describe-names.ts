import { findNearNames, variablesOf } from "./near-names.ts";
import type { Env } from "./read-settings.ts";
import { type Reader, readingOf, type SettingName, settingNames } from "./table.ts";

/** What docker-compose.yml sets by itself or has in `secrets/`, whatever `.env` says. */
const setByCompose: readonly SettingName[] = [
  "HOST",
  "DATABASE_URL",
  "EVENTS_URL",
  "SECRETS_KEY",
  "GATEWAY_URL",
  "SERVICE_KEY_FILE",
  "REDIS_URL",
];

/**
 * What the names of an environment's variables give reason to say at a start; the values are not looked at.
 *
 * @param reader the process that starts, or `compose` for what `.env` gives to all containers
 */
export function describeNames(reader: Reader | "compose", env: Env): readonly string[] {
  const near = findNearNames(env).map(({ name, meant }) => `${name} is not a setting; ${meant} is.`);
  const idle = settingNames.filter((name) => isIdle(reader, name)).flatMap(variablesOf);
  const set = idle.filter((name) => (env[name] ?? "") !== "");
  return [...near, ...set.map((name) => `${name} does nothing with ${wordsOf(reader)}`)];
}

/** Only where all processes are started together: those that are started one by one may share one environment. */
function isIdle(reader: Reader | "compose", name: SettingName): boolean {
  if (reader === "start" || reader === "start:services") return readingOf(reader, name) === undefined;
  if (reader !== "compose") return false;
  return setByCompose.includes(name) || name.endsWith("_DIR") || isAddressOfService(name);
}

/** Where a service is reached, which both the gateway and the services read. */
function isAddressOfService(name: SettingName): boolean {
  return name.endsWith("_URL") && readingOf("start", name) === undefined;
}

function wordsOf(reader: Reader | "compose"): string {
  if (reader === "compose") return "docker compose: docker-compose.yml sets it, and takes secrets from secrets/.";
  const together = "every process is started here, with the addresses and keys of the others.";
  return reader === "start" ? `npm start: ${together}` : `npm run start:services: ${together}`;
}
