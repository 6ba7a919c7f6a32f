import type { Database } from "@countersign/database";
import { and, asc, gt, gte, lte, sql } from "drizzle-orm";
import { audit } from "../schema.ts";
import { assertOurs, moveAnchor, readAnchor } from "./anchor.ts";
import { type AuditRow, followChain, type Link } from "./chain.ts";
import { record } from "./record.ts";
import type { SealDeps } from "./seal.ts";

export type ExpireDeps = SealDeps & {
  /** How long a row is kept, in milliseconds. */
  readonly auditRetention: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

const day = 24 * 60 * 60_000;
const batchSize = 1_000;

/**
 * Removes the sealed rows that are older than the retention, once a day's worth has gathered. The chain stays verifiable:
 * the anchor says from which link on, and a row of the log, `audit.expired`, says the same and is chained itself. What
 * goes is followed once more before; a broken chain is never tidied away.
 *
 * @returns how many rows were removed
 * @throws BrokenChainError, AnchorError
 */
export async function expireAudit(deps: ExpireDeps): Promise<number> {
  let removed = 0;
  for (;;) {
    const count = await deps.db.transaction((tx) => expireBatch(tx, deps));
    removed += count;
    if (count === 0) return removed;
  }
}

/** The rows that should be removed are not what was sealed. */
export class BrokenChainError extends Error {
  override readonly name = "BrokenChainError";
  /** The position of the first row that is not as it was sealed. */
  readonly position: number;

  constructor(position: number) {
    super(`The audit log is broken at position ${position}; nothing is removed from it.`);
    this.position = position;
  }
}

async function expireBatch(tx: Database, deps: ExpireDeps): Promise<number> {
  const anchor = await readAnchor(tx, "wait");
  if (anchor === null) return 0;
  const rows = await readExpired(tx, anchor.base, deps.now() - deps.auditRetention);
  if (rows.length === 0) return 0;
  assertOurs(anchor, deps.auditKeys);
  const { link, problem } = followChain(anchor.base, rows);
  if (problem !== null) throw new BrokenChainError(link.position + 1);
  await moveAnchor(tx, { base: link, head: anchor.head }, deps.auditKeys);
  const detail = { position: link.position, hash: link.hash, rows: rows.length };
  const entry = { action: "audit.expired", outcome: "allowed", actor: "system", detail } as const;
  await record(tx, entry, { at: deps.now(), from: null });
  await tx.execute(sql`select auth.expire_audit()`);
  return rows.length;
}

/** The rows that follow the base and are older than that, up to the first that is not; none before a day is over. */
async function readExpired(tx: Database, base: Link, before: number): Promise<readonly AuditRow[]> {
  const stored = gt(audit.position, base.position);
  const [oldest] = await tx.select({ at: audit.at }).from(audit).where(stored).orderBy(asc(audit.position)).limit(1);
  if (oldest === undefined || oldest.at.getTime() > before - day) return [];
  const young = and(stored, gte(audit.at, new Date(before)));
  const [kept] = await tx
    .select({ position: audit.position })
    .from(audit)
    .where(young)
    .orderBy(asc(audit.position))
    .limit(1);
  const last = Math.min((kept?.position ?? Number.POSITIVE_INFINITY) - 1, base.position + batchSize);
  return await tx
    .select()
    .from(audit)
    .where(and(stored, lte(audit.position, last)))
    .orderBy(asc(audit.position));
}
