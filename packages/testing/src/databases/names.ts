import { createHash } from "node:crypto";
import { hostname } from "node:os";

const templatePrefix = "countersign_template_";
const temporaryPrefix = "countersign_test_";

/** The template of one state of the migrations. */
export function templateName(hash: string): string {
  return `${templatePrefix}${hash}`;
}

/** A database that belongs to this process: its name says which one and since when, so that leftovers can be told. */
export function temporaryName(unique: string): string {
  return `${temporaryPrefix}${hostTag()}_${process.pid}_${Math.trunc(Date.now() / 1000)}_${unique}`;
}

/** Whether a database is one of ours that a run left behind: its process is gone, or it is half a day old. */
export function isLeftover(name: string): boolean {
  const [, host, pid, since] = /^countersign_test_([0-9a-f]+)_(\d+)_(\d+)_[0-9a-f]+$/.exec(name) ?? [];
  if (since === undefined) return false;
  if (Date.now() / 1000 - Number(since) > 12 * 60 * 60) return true;
  return host === hostTag() && !isAlive(Number(pid));
}

/** Whether a template has not been used for a week; `comment` says when it was last. */
export function isStaleTemplate(name: string, comment: string): boolean {
  return name.startsWith(templatePrefix) && !(Date.now() - Date.parse(comment) < 7 * 24 * 60 * 60 * 1000);
}

function hostTag(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 6);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
