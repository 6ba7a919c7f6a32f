import { isService, type ServiceName, serviceNames } from "@countersign/access";
import { type Command, UsageError } from "../cli/command.ts";
import { keysDirectoryOf } from "../env.ts";
import { provisionService, provisionServices } from "./provision.ts";
import { disableService, enableService, retireOldKeys } from "./service-keys.ts";

const usage = `Usage: npm run services -- <command> [service …]
  provision            a key for every service that has none; changes nothing else
  add <service>        a new key beside those that it has; lets a disabled service back in
  rotate <service>     a new key; the one before stays good until the next rotation
  rotate <service> --now   a new key; all others end at once
  disable <service>    no more tokens, and those that it has end
Services: ${serviceNames.join(", ")}`;

/**
 * Provisions the keys with which services prove themselves. The private half goes into a file with mode 0600, and is
 * never printed.
 *
 * @throws UsageError
 */
export async function servicesCommand(args: readonly string[], command: Command): Promise<void> {
  const [verb = "", ...rest] = args;
  const names = rest.filter((word) => word !== "--now");
  const deps = { db: command.database.db, directory: keysDirectoryOf(command.settings), now: Date.now };
  if (verb === "provision" && rest.length === 0) {
    for (const [service, file] of await provisionServices(deps)) command.say(`${service}: ${file}`);
    return;
  }
  const work = Object.hasOwn(works, verb) ? works[verb] : undefined;
  if (work === undefined || names.length === 0) throw new UsageError(usage);
  const services = names.map(readService);
  for (const service of services) command.say(await work(service, deps, rest.includes("--now")));
}

type Deps = { readonly db: Command["database"]["db"]; readonly directory: string; readonly now: () => number };
type Work = (service: ServiceName, deps: Deps, atOnce: boolean) => Promise<string>;

const actor = "command line";

const works: Readonly<Record<string, Work>> = {
  async add(service, deps) {
    const { kid, file } = await provisionService(deps, service, actor);
    await enableService(deps.db, service, { actor, at: deps.now() });
    return `${service}: key ${kid} added; its private half is in ${file}`;
  },
  async rotate(service, deps, atOnce) {
    const { kid, file } = await provisionService(deps, service, actor);
    await retireOldKeys(deps.db, service, { keep: atOnce ? 1 : 2, actor, at: deps.now() });
    return `${service}: key ${kid} is in ${file}; restart the service to use it`;
  },
  async disable(service, { db, now }) {
    const disabled = await disableService(db, service, { actor, at: now() });
    return `${service}: ${disabled ? "disabled; its tokens end within seconds" : "there is no such service to disable"}`;
  },
};

function readService(name: string): ServiceName {
  if (isService(name)) return name;
  throw new UsageError(`There is no service "${name}".\n${usage}`);
}
