import type { Database } from "@countersign/database";
import { and, gt, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { audit } from "../schema.ts";
import { assertOurs, moveAnchor, readAnchor } from "./anchor.ts";
import { type AuditRow, type Link, linkAfter } from "./chain.ts";
import { isSigned } from "./row-mac.ts";
import { TamperingError } from "./tampering-error.ts";

export type SealDeps = {
  readonly db: Database;
  /** The keys that anchors and rows are signed with; see `deriveSecrets`. */
  readonly auditKeys: readonly Uint8Array[];
};

const batchSize = 250;

/**
 * Puts the rows that have come in since into the chain, each with its position and hash. Rows are written without a lock
 * by the transactions that cause them, and sealed here afterwards by one process at a time, in the order in which they
 * are found committed: neither a sign-in nor a refresh waits for another one. A row that auth did not sign is left
 * where it is.
 *
 * @returns how many rows were sealed; 0 when another process is at it
 * @throws AnchorError when the anchor is not ours: a log that was tampered with is not sealed over
 * @throws TamperingError `rows_forged`, after all the others were sealed
 */
export async function sealAudit(deps: SealDeps): Promise<number> {
  let sealed = 0;
  const forged: number[] = [];
  for (let after = 0; ; ) {
    const batch = await deps.db.transaction((tx) => sealBatch(tx, deps.auditKeys, after));
    sealed += batch.sealed;
    forged.push(...batch.forged);
    if (batch.read < batchSize) break;
    after = batch.last;
  }
  if (forged.length > 0) {
    const some = forged.slice(0, 10).join(", ");
    throw new TamperingError("rows_forged", `${forged.length} rows of the audit log were not written by auth: ${some}`);
  }
  return sealed;
}

type Batch = {
  readonly read: number;
  readonly sealed: number;
  /** The ids of rows that were left out. */
  readonly forged: readonly number[];
  /** The id of the last row that was read. */
  readonly last: number;
};

async function sealBatch(tx: Database, keys: readonly Uint8Array[], after: number): Promise<Batch> {
  const anchor = await readAnchor(tx, "skip");
  const rows = anchor === null ? [] : await readUnsealed(tx, { after, limit: batchSize });
  if (anchor === null || rows.length === 0) return { read: 0, sealed: 0, forged: [], last: after };
  const signsRows = assertOurs(anchor, keys) === "rows signed";
  const genuine = await selectGenuine(tx, rows, { keys, signsRows });
  if (genuine.length > 0) await seal(tx, genuine, { anchor, keys });
  const forged = rows.filter((row) => !genuine.includes(row)).map(({ id }) => id);
  return { read: rows.length, sealed: genuine.length, forged, last: rows.at(-1)?.id ?? after };
}

async function seal(
  tx: Database,
  rows: readonly AuditRow[],
  {
    anchor,
    keys,
  }: { readonly anchor: { readonly base: Link; readonly head: Link }; readonly keys: readonly Uint8Array[] },
): Promise<void> {
  const links = linksOf(anchor.head, rows);
  const seals = rows.map(({ id }, index) => ({ id, ...links[index] }));
  await tx.execute(sql`
    update ${audit} set position = seal.position, hash = seal.hash, mac = null
    from jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as seal(id bigint, position bigint, hash text)
    where ${audit.id} = seal.id
  `);
  await moveAnchor(tx, { base: anchor.base, head: links.at(-1) ?? anchor.head }, keys);
}

/** Rows that are not sealed yet, in the order of their ids. */
export function readUnsealed(
  tx: Database,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<AuditRow[]> {
  const unsealed = and(isNull(audit.position), gt(audit.id, after));
  return tx.select().from(audit).where(unsealed).orderBy(audit.id).limit(limit);
}

/** `signsRows`: whether every row has to be signed; one without a signature may be of an older auth where not. */
type Signing = { readonly keys: readonly Uint8Array[]; readonly signsRows: boolean };

/** Those of some unsealed rows that auth wrote, as they are, and that are no copies of sealed ones. */
export async function selectGenuine(
  tx: Database,
  rows: readonly AuditRow[],
  { keys, signsRows }: Signing,
): Promise<readonly AuditRow[]> {
  const signed = rows.filter((row) => isSigned(row, keys));
  const stamps = signed.flatMap(({ stamp }) => (stamp === null ? [] : [stamp]));
  const sealed = await readSealedStamps(tx, stamps);
  const isOlder = ({ stamp, mac }: AuditRow) => !signsRows && stamp === null && mac === null;
  const seen = new Set<string | null>(sealed);
  return rows.filter((row) => {
    if (isOlder(row)) return true;
    if (!signed.includes(row) || seen.has(row.stamp)) return false;
    seen.add(row.stamp);
    return true;
  });
}

async function readSealedStamps(tx: Database, stamps: readonly string[]): Promise<readonly (string | null)[]> {
  if (stamps.length === 0) return [];
  const sealed = and(inArray(audit.stamp, [...stamps]), isNotNull(audit.position));
  return (await tx.select({ stamp: audit.stamp }).from(audit).where(sealed)).map(({ stamp }) => stamp);
}

function linksOf(head: Link, rows: readonly AuditRow[]): readonly Link[] {
  let link = head;
  return rows.map((row) => {
    link = linkAfter(link, row);
    return link;
  });
}
