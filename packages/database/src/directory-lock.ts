import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseLockedError } from "./database-locked-error.ts";
import { isGone, type ProcessIdentity, readOwnIdentity } from "./process-identity.ts";

/** A held directory. */
export type DirectoryLock = { readonly release: () => void };

type Claim = ProcessIdentity & { readonly since: string };

/** How long to try again against others that began at the same time and may give way as well. */
const contentionMs = 1_000;

/**
 * Takes the directory for this process, or throws `DatabaseLockedError`.
 *
 * Every starter writes a claim of its own, in a file with a name of its own, and looks at the claims of others after
 * that. Whoever sees the claim of a live process withdraws its own; of two that start at once at least one sees the
 * other. Claims of dead processes are removed, which cannot hit anybody else, as no name is used twice: taking over one
 * shared lock file could remove the lock of a third that took it over a moment before.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const claims = path.join(directory, "lock");
  mkdirSync(claims, { recursive: true, mode: 0o700 });
  const self = readOwnIdentity();
  const deadline = Date.now() + contentionMs;
  for (;;) {
    const own = writeClaim(claims, { ...self, since: new Date().toISOString() });
    const holder = findHolder(claims, own, self);
    if (holder === null) return { release: () => rmSync(own, { force: true }) };
    rmSync(own, { force: true });
    const established = Date.now() - Date.parse(holder.claim.since) > contentionMs;
    if (established || Date.now() > deadline) throw toError(directory, holder, self);
    await sleep(20 + Math.random() * 100);
  }
}

/** Appears under its name with all its content, so that a claim that can be read in part belongs to nobody alive. */
function writeClaim(claims: string, claim: Claim): string {
  const file = path.join(claims, `${randomUUID()}.json`);
  writeFileSync(`${file}.draft`, `${JSON.stringify(claim, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  renameSync(`${file}.draft`, file);
  return file;
}

type Holder = { readonly claim: Claim; readonly file: string };

function findHolder(claims: string, own: string, self: ProcessIdentity): Holder | null {
  for (const name of readdirSync(claims)) {
    const file = path.join(claims, name);
    if (file === own || !name.endsWith(".json")) continue;
    const claim = readClaim(file);
    if (claim !== null && !isGone(claim, self)) return { claim, file };
    rmSync(file, { force: true });
  }
  return null;
}

/** Null for a claim that was withdrawn meanwhile, or that a loss of power cut short. */
function readClaim(file: string): Claim | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isClaim(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && "code" in error && error.code === "ENOENT"))
      return null;
    throw error;
  }
}

function isClaim(value: unknown): value is Claim {
  if (typeof value !== "object" || value === null) return false;
  if (!("pid" in value && "host" in value && "since" in value && "started" in value)) return false;
  return typeof value.pid === "number" && typeof value.host === "string" && typeof value.since === "string";
}

function toError(directory: string, { claim, file }: Holder, self: ProcessIdentity): DatabaseLockedError {
  const { pid, host, since } = claim;
  return new DatabaseLockedError({ directory, pid, host, since }, advise({ claim, file }, self));
}

function advise({ claim, file }: Holder, self: ProcessIdentity): string {
  if (claim.boot !== self.boot || claim.namespace !== self.namespace || claim.host !== self.host) {
    return `If that machine or container no longer exists, delete ${file}.`;
  }
  if (claim.pid === self.pid) return "That is this process: open it once and share it.";
  return "Stop that process, or give this one a directory of its own.";
}
