import { ConfigurationError } from "./configuration-error.ts";
import { readText } from "./find-file-problem.ts";
import { isSecretSetting, type Reader, readingOf, type SettingName, type SettingsOf, settingNames } from "./table.ts";

/** Variables of an environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of one reader from the environment. An empty variable counts as unset, as compose files write it. A
 * secret may come from a file: `DATABASE_URL_FILE` for `DATABASE_URL`.
 *
 * @param leftOut settings that this one process does not read, though its kind does
 * @throws ConfigurationError naming every variable that is missing or wrong, never its value: it may be a secret.
 */
export function readSettings<Who extends Reader>(
  reader: Who,
  env: Env,
  leftOut: readonly SettingName[] = [],
): SettingsOf<Who> {
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: string[] = [];
  for (const name of settingNames) {
    const schema = leftOut.includes(name) ? undefined : readingOf(reader, name);
    if (schema === undefined) continue;
    const { source, value, problem } = findValue(name, env);
    const parsed = problem === null ? schema.safeParse(value) : null;
    if (parsed?.success === true) values[name] = parsed.data;
    else problems.push(`  ${source}: ${problem ?? parsed?.error.issues[0]?.message}`);
  }
  if (problems.length === 0) return values as SettingsOf<Who>; // each was read by the schema that its type names
  throw new ConfigurationError(`The environment is not one to start with:\n${problems.join("\n")}`);
}

/** Reads one setting of a reader; @throws ConfigurationError as `readSettings` does */
export function readSetting<Who extends Reader, Name extends SettingName & keyof SettingsOf<Who>>(
  reader: Who,
  name: Name,
  env: Env,
): SettingsOf<Who>[Name] {
  const others = settingNames.filter((each) => each !== name);
  return readSettings(reader, env, others)[name];
}

/** What a setting is set to, by which variable; or what is wrong with that variable. */
type Found = { readonly source: string; readonly value: string | undefined; readonly problem: string | null };

function findValue(name: SettingName, env: Env): Found {
  const value = unlessEmpty(env[name]);
  const fileName = `${name}_FILE`;
  const file = isSecretSetting(name) ? unlessEmpty(env[fileName]) : undefined;
  if (file === undefined) return { source: name, value, problem: null };
  if (value !== undefined) return { source: `${name}, ${fileName}`, value, problem: "set one of the two" };
  const { text, problem } = readText(file);
  const content = unlessEmpty(text.trim());
  return {
    source: fileName,
    value: content,
    problem: problem ?? (content === undefined ? "names an empty file" : null),
  };
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
