import { describeNames } from "./describe-names.ts";
import { type Env, readSettings } from "./read-settings.ts";
import type { Reader, SettingName, SettingsOf } from "./table.ts";

/**
 * Reads settings as `readSettings` does, and says first on standard error, whatever the level of the log, which variables
 * are nearly settings and which settings do nothing: a misspelt name may be why one is missing.
 */
export function readSettingsAtStart<Who extends Reader>(
  reader: Who,
  env: Env,
  leftOut: readonly SettingName[] = [],
): SettingsOf<Who> {
  for (const sentence of describeNames(reader, env)) process.stderr.write(`Warning: ${sentence}\n`);
  return readSettings(reader, env, leftOut);
}
