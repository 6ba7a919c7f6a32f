import { existsSync, readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";

/** The name cannot be a service's; nothing was changed. */
export class NameRefusedError extends Error {
  override readonly name = "NameRefusedError";
}

/**
 * Apps that are no services, what compose has beside ours, the host that a container is to itself, and what tests say for
 * a service that there is not.
 */
const reserved = ["gateway", "platform", "web", "nats", "postgres", "provision", "valkey", "localhost", "nowhere"];

/** Names that mean something to JavaScript or tRPC wherever a service is a key: a router's own, and a promise's. */
const meant = ["then", "call", "apply", "bind", "constructor"];

/**
 * Reads the one name from the arguments: letters and digits in lower case, as it becomes an identifier, a schema, a
 * host, a path and, in capitals, a variable of the environment.
 *
 * @throws NameRefusedError saying what is wrong with it
 */
export function checkName(args: readonly string[]): string {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0) throw new NameRefusedError("Usage: npm run new:service -- <name>");
  const problem = problemOf(name);
  if (problem === null) return name;
  throw new NameRefusedError(`"${name}" cannot be a service: ${problem}. Nothing was changed.`);
}

function problemOf(name: string): string | null {
  if (!/^[a-z][a-z0-9]{1,29}$/.test(name)) return "a name is 2 to 30 lower-case letters and digits, a letter first";
  if (reserved.includes(name)) return "the name is reserved";
  if (existsSync(`apps/${name}`)) return "there is one of that name";
  if (existsSync(`packages/${name}`)) return "there is a package of that name";
  if (meant.includes(name) || !isIdentifier(name)) return "it is a word of the language";
  if (isSetting(`${name.toUpperCase()}_URL`)) return `${name.toUpperCase()}_URL is a setting already`;
  return null;
}

/** As the parser judges it, which knows the reserved words of modules: some of them only with its semantic checks. */
function isIdentifier(name: string): boolean {
  const text = `export const ${name} = 1; type ${name} = 1;`;
  return parseSync("name.ts", text, { showSemanticErrors: true }).errors.length === 0;
}

/** Where a service is reached is a variable; `REDIS_URL` for one is where limits are counted. */
function isSetting(variable: string): boolean {
  return readFileSync(".env.example", "utf8").includes(`\n#${variable}=`);
}
