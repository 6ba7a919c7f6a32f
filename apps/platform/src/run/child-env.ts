import { type Env, findNearNames, isSecretSetting, type Reader, readingOf, settingNames } from "@countersign/service";

/**
 * The environment of a child process: everything of ours that is no setting, and of the settings those that it reads, so
 * that no process holds a secret of another. What is given for this child counts before what was inherited.
 */
export function childEnv(reader: Reader, inherited: Env, own: Env): Record<string, string> {
  const env = new Map(Object.entries(inherited));
  for (const { name } of findNearNames(inherited)) env.delete(name); // this process has warned of it
  for (const name of settingNames) {
    const isRead = name === "NODE_ENV" || readingOf(reader, name) !== undefined; // libraries read that one too
    if (!isRead || own[name] !== undefined) env.delete(name);
    if ((!isRead || own[name] !== undefined) && isSecretSetting(name)) env.delete(`${name}_FILE`);
  }
  const all = [...env, ...Object.entries(own)];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
