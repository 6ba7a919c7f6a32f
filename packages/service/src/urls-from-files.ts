import { readFileSync } from "node:fs";

/** Settings whose value may hold a password, each of which may come from the file that `<name>_FILE` names. */
const names = ["DATABASE_URL", "DATABASE_LISTEN_URL", "EVENTS_URL", "REDIS_URL"] as const;

type Env = Readonly<Record<string, string | undefined>>;

/** The environment with those files read, and what is wrong with any of them, by the name of its variable. */
export function urlsFromFiles(env: Env): { readonly env: Env; readonly problems: readonly string[] } {
  const read: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of names) {
    const file = env[`${name}_FILE`];
    if (file === undefined || file === "") continue;
    if (env[name] !== undefined && env[name] !== "") {
      problems.push(`${name}, ${name}_FILE: set one of the two`);
      continue;
    }
    try {
      const url = readFileSync(file, "utf8").trim();
      if (url === "") problems.push(`${name}_FILE: names an empty file`);
      read[name] = url;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      problems.push(`${name}_FILE: names a file that cannot be read (${code})`);
    }
  }
  return { env: { ...env, ...read }, problems };
}
