import { lookup, Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { findInHosts } from "./hosts-file.ts";
import type { Address, LookUp } from "./names.ts";
import { readSearch, type Search, toCandidates } from "./search-list.ts";

/** How long the server of names has for one try, in milliseconds, and how often it is asked. */
const dns = { timeout: 3_000, tries: 2 };

/** How long the other kind of address is waited for when the first has come (RFC 8305 §3). */
const otherFamilyMs = 50;

/** Where the machine says how names are found. */
export type LookUpOptions = {
  readonly hosts?: string;
  readonly resolvConf?: string;
  /** The servers of names, as `127.0.0.1:53`; those of the machine unless told. */
  readonly servers?: readonly string[];
  /** Asked last; the runtime's own `lookup` unless told. */
  readonly byMachine?: LookUp;
};

/**
 * Looks names up without a thread: in the hosts file, and then at the servers of names, with the search domains of
 * `resolv.conf`. The runtime's `lookup` keeps one of four threads busy for as long as it takes, 13 s for a name that nobody
 * answers for, and everything else that needs one waits: other names, files, hashes. So it is asked last, for what only the
 * machine's own ways find (mDNS, LDAP), and one name after the other.
 *
 * The files are read at each look-up, so that a change counts without a restart.
 */
export function createLookUp(options: LookUpOptions = {}): LookUp {
  const { hosts = "/etc/hosts", resolvConf = "/etc/resolv.conf", servers, byMachine = lookUpByMachine } = options;
  const machineInTurn = inTurn(byMachine);
  return async (name) => {
    const local = findInHosts(await textOf(hosts), name);
    if (local.length > 0) return local;
    const resolver = new Resolver(dns); // each reads anew which servers there are
    if (servers !== undefined) resolver.setServers(servers);
    const search = readSearch(await textOf(resolvConf));
    return await lookUpByDns(resolver, name, search).catch(() => machineInTurn(name));
  };
}

async function lookUpByDns(resolver: Resolver, name: string, search: Search): Promise<readonly Address[]> {
  let last: unknown = null;
  for (const candidate of toCandidates(name, search)) {
    try {
      return await bothFamilies(resolver, candidate);
    } catch (error) {
      last = error;
      if (!isAbsent(error)) throw error; // nobody answers: the next one would wait as long
    }
  }
  throw last;
}

/** IPv4 first. The addresses of one kind are enough when the other is late or not there. */
async function bothFamilies(resolver: Resolver, name: string): Promise<readonly Address[]> {
  const four = resolver.resolve4(name).then((found) => found.map((address) => ({ address, family: 4 }) as const));
  const six = resolver.resolve6(name).then((found) => found.map((address) => ({ address, family: 6 }) as const));
  await Promise.any([four, six]).catch(() => undefined); // thrown below, the one of IPv4
  const late = new Promise<readonly Address[]>((resolve) => setTimeout(resolve, otherFamilyMs, []));
  const found = await Promise.all([four, six].map((family) => Promise.race([family.catch(() => []), late])));
  if (found.flat().length > 0) return found.flat();
  return await four;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOTFOUND", "ENODATA"].includes(String(error.code));
}

async function lookUpByMachine(name: string): Promise<readonly Address[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

/** One after the other, so that no more than one thread waits. */
function inTurn(lookUp: LookUp): LookUp {
  let last: Promise<unknown> = Promise.resolve();
  return (name) => {
    const found = last.then(() => lookUp(name));
    last = found.catch(() => undefined); // told to whom it concerns through `found`
    return found;
  };
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, "utf8").catch(() => ""); // a machine without this file has other ways
}
