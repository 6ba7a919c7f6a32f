import type { Database } from "@countersign/database";
import { type Command, UsageError } from "../cli/command.ts";
import type { Link } from "./chain.ts";
import { type Verdict, verifyAudit } from "./verify.ts";

const usage = `Usage: npm run audit -- verify [--head <position>:<hash>]
  Follows the hash chain of the audit log from its first row to its anchor. With --head it also has to lead through a
  head that was noted before, from this command or from the log of auth. Ends with status 1 when it does not.`;

export type AuditCommandDeps = {
  readonly db: Database;
  /** The keys of the anchor; see `deriveSecrets`. */
  readonly keys: readonly Uint8Array[];
  readonly say: Command["say"];
};

/**
 * Verifies the audit log and says what was found.
 *
 * @returns whether it is whole
 * @throws UsageError
 */
export async function auditCommand(args: readonly string[], { db, keys, say }: AuditCommandDeps): Promise<boolean> {
  const verdict = await verifyAudit(db, { keys, ...readAuditArgs(args) });
  for (const line of describe(verdict)) say(line);
  return verdict.broken === null;
}

/** What the command is asked for. @throws UsageError */
export function readAuditArgs([verb, option, given = "", ...rest]: readonly string[]): { noted?: Link } {
  const noted = /^(\d{1,15}):([0-9a-f]{64})$/.exec(given);
  if (verb !== "verify" || rest.length > 0) throw new UsageError(usage);
  if (option === undefined) return {};
  if (option !== "--head" || noted === null) throw new UsageError(usage);
  return { noted: { position: Number(noted[1]), hash: noted[2] ?? "" } };
}

function describe({ checked, pending, base, head, broken }: Verdict): readonly string[] {
  const expired = base.position > 0 ? [`The ${base.position} rows before them have expired.`] : [];
  const waiting =
    pending > 0 ? [`${pending} newer rows are not sealed yet; a running auth does it within seconds.`] : [];
  const rows = `${checked} rows checked.`;
  if (broken === null) return [rows, ...expired, ...waiting, `Whole. Head: ${head.position}:${head.hash}`];
  const where = broken.position === null ? "at its anchor" : `at position ${broken.position}`;
  return [rows, ...expired, `BROKEN ${where}: ${explanations[broken.problem]}`];
}

const explanations: Readonly<Record<NonNullable<Verdict["broken"]>["problem"], string>> = {
  missing: "the row that was sealed here is not there.",
  changed: "the row does not say what was sealed.",
  unanchored: "rows from here on were not sealed by auth.",
  rewritten: "the chain ends in another hash than auth has sealed.",
  unexplained_expiry: "the rows before were removed, and no row says that they had expired.",
  not_as_noted: "there is not the hash that was noted.",
  anchor_missing: "it is not there.",
  anchor_forged: "it was not written by auth with these secrets.",
};
