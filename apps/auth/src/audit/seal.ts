import type { Database } from "@countersign/database";
import { isNull, sql } from "drizzle-orm";
import { audit } from "../schema.ts";
import { assertOurs, moveAnchor, readAnchor } from "./anchor.ts";
import { type AuditRow, type Link, linkAfter } from "./chain.ts";

export type SealDeps = {
  readonly db: Database;
  /** The keys that anchors are made with; see `deriveSecrets`. */
  readonly auditKeys: readonly Uint8Array[];
};

const batchSize = 250;

/**
 * Puts the rows that have come in since into the chain, each with its position and hash. Rows are written without a lock
 * by the transactions that cause them, and sealed here afterwards by one process at a time, in the order in which they
 * are found committed: neither a sign-in nor a refresh waits for another one.
 *
 * @returns how many rows were sealed; 0 when another process is at it
 * @throws AnchorError when the anchor is not ours: a log that was tampered with is not sealed over
 */
export async function sealAudit(deps: SealDeps): Promise<number> {
  let sealed = 0;
  for (;;) {
    const count = await deps.db.transaction((tx) => sealBatch(tx, deps.auditKeys));
    sealed += count;
    if (count < batchSize) return sealed;
  }
}

async function sealBatch(tx: Database, keys: readonly Uint8Array[]): Promise<number> {
  const anchor = await readAnchor(tx, "skip");
  if (anchor === null) return 0;
  const rows = await tx.select().from(audit).where(isNull(audit.position)).orderBy(audit.id).limit(batchSize);
  if (rows.length === 0) return 0;
  assertOurs(anchor, keys);
  const links = linksOf(anchor.head, rows);
  const seals = rows.map(({ id }, index) => ({ id, ...links[index] }));
  await tx.execute(sql`
    update ${audit} set position = seal.position, hash = seal.hash
    from jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as seal(id bigint, position bigint, hash text)
    where ${audit.id} = seal.id
  `);
  await moveAnchor(tx, { base: anchor.base, head: links.at(-1) ?? anchor.head }, keys);
  return rows.length;
}

function linksOf(head: Link, rows: readonly AuditRow[]): readonly Link[] {
  let link = head;
  return rows.map((row) => {
    link = linkAfter(link, row);
    return link;
  });
}
