import { type ClientName, isClient, isService, type ServiceName, serviceNames } from "@countersign/access";
import { type Command, type CommandWork, UsageError } from "../cli/command.ts";
import { keysDirectoryOf } from "../settings.ts";
import { readReceiversCommand } from "../ssf/receivers-command.ts";
import { provisionService, provisionServices } from "./provision.ts";
import { disableService, enableService, retireOldKeys } from "./service-keys.ts";
import { addServiceSecret, listServiceSecrets, removeServiceSecret } from "./service-secrets.ts";

const usage = `Usage: npm run services -- <command> [service …]
  provision            a key for every service that has none; changes nothing else
  add <service>        a new key beside those that it has, which count on; lets a disabled service back in
  rotate <service>     a new key; the one before stays good until the next rotation
  rotate <service> --now   a new key; all others end at once
  disable <service>    no more tokens, and those that it has end
  enable <service>     lets a disabled service back in, with the keys and secrets that it had
For a caller that cannot sign, instead of a key:
  add-secret <service>           a secret beside those that it has, shown this once; lets a disabled service back in
  list-secrets <service>         the ids of its secrets
  remove-secret <service> <id>   one secret ends; without any, the service proves itself by its key alone
For a receiver of security events outside of the system (docs/guides/security-events.md):
  add-receiver <name> [audience]   registers it, or gives it a new secret in place of the old one; shown this once
  list-receivers                   every receiver and the state of its stream
  remove-receiver <name>           ends it and its stream
Services: ${serviceNames.join(", ")}; keys also: gateway`;

/**
 * Reads what `npm run services` is asked for: the keys with which services prove themselves. The private half goes into a
 * file with mode 0600, and is never printed; the secret of a service that cannot sign is printed once.
 *
 * @throws UsageError
 */
export function readServicesCommand(args: readonly string[]): CommandWork {
  const [verb = "", ...rest] = args;
  const names = rest.filter((word) => word !== "--now");
  if (verb === "provision" && rest.length === 0) return provision;
  if (verb === "remove-secret") {
    const [name = "", id = "", ...more] = rest;
    if (id === "" || more.length > 0) throw new UsageError(usage);
    const service = readService(name);
    return async (command) => command.say(await removeSecret(service, id, depsOf(command)));
  }
  const ofReceivers = readReceiversCommand(args);
  if (ofReceivers === "malformed") throw new UsageError(usage);
  if (ofReceivers !== null) return async (command) => ofReceivers(command.database.db, command.say);
  const work = Object.hasOwn(works, verb) ? works[verb] : undefined;
  if (work === undefined || names.length === 0) throw new UsageError(usage);
  const services = names.map(verb.endsWith("-secret") || verb.endsWith("-secrets") ? readService : readClient);
  return async (command) => {
    for (const service of services) command.say(await work(service, depsOf(command), rest.includes("--now")));
  };
}

/** `npm run services` with these words. @throws UsageError */
export async function servicesCommand(args: readonly string[], command: Command): Promise<void> {
  await readServicesCommand(args)(command);
}

const provision: CommandWork = async (command) => {
  for (const [service, file] of await provisionServices(depsOf(command))) command.say(`${service}: ${file}`);
};

function depsOf({ database, settings }: Command): Deps {
  return { db: database.db, directory: keysDirectoryOf(settings), now: Date.now };
}

type Deps = { readonly db: Command["database"]["db"]; readonly directory: string; readonly now: () => number };
type Work = (service: ClientName, deps: Deps, atOnce: boolean) => Promise<string>;

const actor = "command line";
const takenUp = "a service that reads this file takes it up by itself";

const works: Readonly<Record<string, Work>> = {
  async add(service, deps) {
    const { kid, file } = await provisionService(deps, service, actor);
    await enableService(deps.db, service, { actor, at: deps.now() });
    return `${service}: key ${kid} is in ${file}, beside those that it has; ${takenUp}`;
  },
  async rotate(service, deps, atOnce) {
    const { kid, file } = await provisionService(deps, service, actor);
    await retireOldKeys(deps.db, service, { keep: atOnce ? 1 : 2, actor, at: deps.now() });
    return `${service}: key ${kid} is in ${file}; ${takenUp}`;
  },
  async disable(service, { db, now }) {
    const disabled = await disableService(db, service, { actor, at: now() });
    return `${service}: ${disabled ? "disabled; its tokens end within seconds" : "there is no such service to disable"}`;
  },
  async enable(service, { db, now }) {
    const enabled = await enableService(db, service, { actor, at: now() });
    return `${service}: ${enabled ? "enabled, with the keys and secrets that it had" : "there is no such service to enable"}`;
  },
  async "add-secret"(service, { db, now }) {
    const { id, secret } = await addServiceSecret(db, service, { actor, at: now() });
    await enableService(db, service, { actor, at: now() });
    return `${service}: secret ${id} added; it is not shown again: ${secret}`;
  },
  async "list-secrets"(service, { db }) {
    const secrets = await listServiceSecrets(db, service);
    const listed = secrets.map(({ id, createdAt }) => `${id} of ${createdAt.toISOString()}`);
    return `${service}: ${listed.length === 0 ? "no secrets" : listed.join(", ")}`;
  },
};

async function removeSecret(service: ServiceName, id: string, { db, now }: Deps): Promise<string> {
  const removed = await removeServiceSecret(db, { service, id }, { actor, at: now() });
  return `${service}: ${removed ? `secret ${id} removed` : `it has no secret ${id}`}`;
}

function readClient(name: string): ClientName {
  if (isClient(name)) return name;
  throw new UsageError(`There is no service "${name}".\n${usage}`);
}

function readService(name: string): ServiceName {
  if (isService(name)) return name;
  throw new UsageError(`There is no service "${name}".\n${usage}`);
}
