import { type Database, rowsOf } from "@countersign/database";
import { and, asc, gt, lte, sql } from "drizzle-orm";
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

/** How far clocks may be apart; a row that is dated later than this was written by a clock that was wrong. */
const clockTolerance = 5 * 60_000;

/**
 * Removes the sealed rows that are older than the retention, once a day's worth has gathered. The chain stays verifiable:
 * the anchor says from which link on, and a row of the log, `audit.expired`, says the same and is chained itself. What
 * goes is followed once more before; a broken chain is never tidied away.
 *
 * Rows go in the order of the chain, up to the first one that is still to be kept, and no clock alone decides: a row whose
 * date has not come yet goes with its neighbours, and a row is old when both this process and the database say so.
 *
 * @param most how many batches of 1,000 rows at most; the next call goes on
 * @returns how many rows were removed
 * @throws BrokenChainError, AnchorError
 */
export async function expireAudit(deps: ExpireDeps, most = Number.POSITIVE_INFINITY): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < most; batch += 1) {
    const count = await deps.db.transaction((tx) => expireBatch(tx, deps));
    removed += count;
    if (count === 0) break;
  }
  return removed;
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
  const now = Math.min(deps.now(), await readDatabaseClock(tx));
  const rows = await readExpired(tx, anchor.base, { now, before: now - deps.auditRetention });
  if (rows.length === 0) return 0;
  assertOurs(anchor, deps.auditKeys);
  const { link, problem } = followChain(anchor.base, rows);
  if (problem !== null) throw new BrokenChainError(link.position + 1);
  await moveAnchor(tx, { base: link, head: anchor.head }, deps.auditKeys);
  const detail = { position: link.position, hash: link.hash, rows: rows.length };
  const entry = { action: "audit.expired", outcome: "allowed", actor: "system", detail } as const;
  await record(tx, entry, { at: deps.now(), from: null });
  await tx.execute(sql`select "auth"."expire_audit"(${anchor.base.position})`);
  return rows.length;
}

/** Epoch milliseconds. */
async function readDatabaseClock(tx: Database): Promise<number> {
  const [row] = rowsOf(await tx.execute(sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`));
  return Number(row?.["now"]);
}

/** `now` in epoch milliseconds; what is older than `before` has expired. */
type Moments = { readonly now: number; readonly before: number };

/** The rows that follow the base and have expired, up to the first that has not; none before a day is over. */
async function readExpired(tx: Database, base: Link, { now, before }: Moments): Promise<readonly AuditRow[]> {
  const stored = gt(audit.position, base.position);
  const rows = await tx.select().from(audit).where(stored).orderBy(asc(audit.position)).limit(batchSize);
  const isDated = ({ at }: { readonly at: Date }) => at.getTime() <= now + clockTolerance;
  const first = rows.find(isDated);
  if (first === undefined) {
    const next = await readNextDated(tx, base, now);
    return next !== null && next <= before - day ? rows : [];
  }
  if (first.at.getTime() > before - day) return [];
  const kept = rows.findIndex((row) => isDated(row) && row.at.getTime() >= before);
  const old = kept === -1 ? rows : rows.slice(0, kept);
  return old.slice(0, old.findLastIndex((row) => row.at.getTime() < before) + 1);
}

/** The date of the first row whose date has come, beyond a whole batch of others. */
async function readNextDated(tx: Database, base: Link, now: number): Promise<number | null> {
  const isDated = lte(audit.at, new Date(now + clockTolerance));
  const found = await tx
    .select({ at: audit.at })
    .from(audit)
    .where(and(gt(audit.position, base.position), isDated))
    .orderBy(asc(audit.position))
    .limit(1);
  return found[0]?.at.getTime() ?? null;
}
