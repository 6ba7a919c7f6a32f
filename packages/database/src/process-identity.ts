import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Enough to tell later, from another process, whether this process still runs. */
export type ProcessIdentity = {
  readonly pid: number;
  /** When the process started, in the system's own terms; null where it cannot be read. Tells a reused pid. */
  readonly started: string | null;
  readonly host: string;
  /** The boot of the machine, and the pid namespace (container) in it that `pid` counts in; null but on Linux. */
  readonly boot: string | null;
  readonly namespace: string | null;
};

/** This process. */
export function readOwnIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    started: readProcess(process.pid)?.started ?? null,
    host: hostname(),
    boot: orNull(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace: orNull(() => readlinkSync("/proc/self/ns/pid")),
  };
}

/**
 * Whether a process is certainly gone. False when it runs, and false when that cannot be known from here: it belongs to
 * another machine or container.
 */
export function isGone(other: ProcessIdentity, self: ProcessIdentity): boolean {
  if (other.boot !== self.boot) return other.host === self.host; // the same machine, started again since
  if (other.namespace !== self.namespace) return false;
  if (other.boot === null && other.host !== self.host) return false;
  if (!hasPid(other.pid)) return true;
  const found = readProcess(other.pid);
  if (found === null) return false;
  return found.dead || (other.started !== null && other.started !== found.started);
}

function hasPid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // another user's
  }
}

/** proc(5): the state is the first field after the name in parentheses, the start time the twentieth. */
function readProcess(pid: number): { readonly started: string | null; readonly dead: boolean } | null {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { started: fields[19] ?? null, dead: fields[0] === "Z" || fields[0] === "X" };
}

/** Not everything can be read on every system; the callers then decide with less. */
function orNull<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch {
    return null;
  }
}
