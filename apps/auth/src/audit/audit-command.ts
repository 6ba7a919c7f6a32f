import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Database } from "@countersign/database";
import { type Command, UsageError } from "../cli/command.ts";
import { assertOurs, readAnchor } from "./anchor.ts";
import type { Link } from "./chain.ts";
import { CheckpointError, readCheckpoints, signCheckpoint } from "./checkpoint.ts";
import { type Verdict, type VerifyOptions, verifyAudit } from "./verify.ts";

const usage = `Usage: npm run audit -- verify [--checkpoint <file>] [--head <position>:<hash>] [--from <position>:<hash>]
       npm run audit -- head
  verify follows the hash chain of the audit log from its first row to its anchor, and looks at the rows that are not
  sealed yet. With --checkpoint the log also has to contain every checkpoint of a file, with --head a head that was noted
  before, from this command or from the log of auth. --from goes on where a run was interrupted. Ends with status 1 when
  the log is not whole.
  head prints a signed checkpoint, a line for such a file.`;

export type AuditCommandDeps = {
  readonly db: Database;
  /** The keys of the anchor; see `deriveSecrets`. */
  readonly keys: readonly Uint8Array[];
  readonly say: Command["say"];
  /** Epoch milliseconds; the time of this machine when absent. */
  readonly now?: () => number;
};

/**
 * Verifies the audit log and says what was found, or prints a checkpoint.
 *
 * @returns whether it is whole
 * @throws UsageError; AnchorError for a checkpoint of a log whose anchor is not ours
 */
export async function auditCommand(args: readonly string[], deps: AuditCommandDeps): Promise<boolean> {
  const { verb, ...options } = readAuditArgs(args);
  if (verb === "head") return await printHead(deps);
  const { db, keys, say } = deps;
  const verdict = await verifyAudit(db, {
    keys,
    ...(await readOptions(options, keys)),
    onProgress: ({ position, hash }) => say(`Whole up to --from ${position}:${hash}`),
  });
  for (const line of describe(verdict)) say(line);
  return verdict.broken === null;
}

async function printHead({ db, keys, say, now = Date.now }: AuditCommandDeps): Promise<true> {
  const anchor = await readAnchor(db);
  if (anchor === null) throw new Error("The anchor was read without a lock.");
  assertOurs(anchor, keys);
  say(signCheckpoint(anchor.head, now(), keys));
  return true;
}

export type AuditArgs = {
  readonly verb: string;
  readonly checkpoint?: string;
  readonly head?: string;
  readonly from?: string;
};

/** What the command is asked for. @throws UsageError */
export function readAuditArgs(args: readonly string[]): AuditArgs {
  const option = { type: "string" } as const;
  try {
    const options = { checkpoint: option, head: option, from: option };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const [verb, ...rest] = positionals;
    const isHead = verb === "head" && Object.keys(values).length === 0;
    if (rest.length === 0 && (verb === "verify" || isHead)) return { verb: verb ?? "", ...values };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // which names an option that there is not
  }
  throw new UsageError(usage);
}

async function readOptions({ checkpoint, head, from }: Omit<AuditArgs, "verb">, keys: readonly Uint8Array[]) {
  return {
    ...(head === undefined ? {} : { noted: readLink(head) }),
    ...(from === undefined ? {} : { from: readLink(from) }),
    ...(checkpoint === undefined ? {} : { checkpoints: await readFileOf(checkpoint, keys) }),
  } satisfies VerifyOptions;
}

function readLink(given: string): Link {
  const noted = /^(\d{1,15}):([0-9a-f]{64})$/.exec(given);
  if (noted === null) throw new UsageError(usage);
  return { position: Number(noted[1]), hash: noted[2] ?? "" };
}

async function readFileOf(file: string, keys: readonly Uint8Array[]): Promise<readonly Link[]> {
  try {
    const checkpoints = readCheckpoints(await readFile(file, "utf8"), keys);
    if (checkpoints.length > 0) return checkpoints;
    throw new UsageError(`${file} has no checkpoint.`);
  } catch (error) {
    if (error instanceof CheckpointError) throw new UsageError(`${file}: ${error.message}`);
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new UsageError(`There is no file ${file}.`);
    throw error;
  }
}

function describe({ checked, pending, base, head, broken }: Verdict): readonly string[] {
  const expired = base.position > 0 ? [`The ${base.position} rows before them have expired.`] : [];
  const waiting =
    pending > 0 ? [`${pending} newer rows are not sealed yet; a running auth does it within seconds.`] : [];
  const rows = `${checked} rows checked.`;
  if (broken === null) return [rows, ...expired, ...waiting, `Whole. Head: ${head.position}:${head.hash}`];
  const where = placeOf(broken);
  return [rows, ...expired, `BROKEN ${where}: ${explanations[broken.problem]}`];
}

function placeOf({ position, problem }: NonNullable<Verdict["broken"]>): string {
  if (position !== null) return `at position ${position}`;
  return problem === "forged" ? "beyond the chain" : "at its anchor";
}

const explanations: Readonly<Record<NonNullable<Verdict["broken"]>["problem"], string>> = {
  missing: "the row that was sealed here is not there.",
  changed: "the row does not say what was sealed.",
  unanchored: "rows from here on were not sealed by auth.",
  rewritten: "the chain ends in another hash than auth has sealed.",
  unexplained_expiry: "the rows before were removed, and no row says that they had expired.",
  not_as_noted: "there is not the hash that was noted.",
  rolled_back: "there is not the hash of the checkpoint.",
  forged: "rows that are not sealed yet were not written by auth, or not as they are now.",
  rows_removed: "rows were removed before they were sealed; the row here says which.",
  anchor_missing: "it is not there.",
  anchor_forged: "it was not written by auth with these secrets.",
};
