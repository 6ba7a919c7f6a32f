import type { Database } from "@countersign/database";
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { audit } from "../schema.ts";
import { type Anchor, AnchorError, assertOurs, readAnchor } from "./anchor.ts";
import { type AuditRow, type ChainProblem, followChain, type Link } from "./chain.ts";

export type VerifyOptions = {
  /** To tell whether the anchor is ours; without them that is left open. */
  readonly keys?: readonly Uint8Array[];
  /** A head that was noted elsewhere before: the chain must lead through it. */
  readonly noted?: Link;
};

/** What a verification found. */
export type Verdict = {
  /** How many sealed rows were found whole. */
  readonly checked: number;
  /** How many rows have come in and are not sealed yet. */
  readonly pending: number;
  readonly head: Link;
  /** Where the stored rows begin; all up to here have expired. */
  readonly base: Link;
  /** The first thing that is not as it was sealed; `position` is null when it is the anchor. */
  readonly broken: { readonly position: number | null; readonly problem: Problem } | null;
};

/**
 * `missing`: a row was removed, or moved; `changed`: it says something else; `unanchored`: rows that auth has not sealed;
 * `rewritten`: the chain ends in another hash than the anchor; `unexplained_expiry`: no row says why the log begins
 * where it does; `not_as_noted`: another hash than was noted.
 */
export type Problem =
  | ChainProblem
  | "unanchored"
  | "rewritten"
  | "unexplained_expiry"
  | "not_as_noted"
  | AnchorError["code"];

const pageSize = 1_000;

/** Follows the whole chain, in one snapshot of the database, and holds it against its anchor. */
export async function verifyAudit(db: Database, options: VerifyOptions = {}): Promise<Verdict> {
  return await db.transaction((tx) => verify(tx, options), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  });
}

async function verify(tx: Database, { keys, noted }: VerifyOptions): Promise<Verdict> {
  const [counted] = await tx.select({ count: sql<string>`count(*)` }).from(audit).where(isNull(audit.position));
  const pending = Number(counted?.count ?? 0);
  const none = { position: 0, hash: "" };
  let anchor: Anchor | null;
  try {
    anchor = await readAnchor(tx);
    if (anchor !== null && keys !== undefined) assertOurs(anchor, keys);
  } catch (error) {
    if (!(error instanceof AnchorError)) throw error;
    return { checked: 0, pending, head: none, base: none, broken: { position: null, problem: error.code } };
  }
  if (anchor === null) throw new Error("The anchor was read without a lock.");
  const { base, head } = anchor;
  const { link, broken } = await walk(tx, anchor, noted);
  return { checked: link.position - base.position, pending, head, base, broken };
}

type Walked = { readonly link: Link; readonly broken: Verdict["broken"] };

async function walk(tx: Database, { base, head }: Anchor, noted: Link | undefined): Promise<Walked> {
  let link = base;
  let seen = isAt(base, noted);
  for (;;) {
    const rows = await readPage(tx, link.position);
    if (rows.length === 0) break;
    const followed = followChain(link, rows);
    seen ||= noted !== undefined && rows.some(({ position, hash }) => isAt({ position: position ?? 0, hash }, noted));
    link = followed.link;
    if (followed.problem !== null) return { link, broken: { position: link.position + 1, problem: followed.problem } };
  }
  const end = (problem: Problem, position: number): Walked => ({ link, broken: { position, problem } });
  if (link.position < head.position) return end("missing", link.position + 1);
  if (link.position > head.position) return end("unanchored", head.position + 1);
  if (link.hash !== head.hash) return end("rewritten", head.position);
  if (base.position > 0 && !(await isExplained(tx, base))) return end("unexplained_expiry", base.position + 1);
  if (noted !== undefined && !seen) return end("not_as_noted", noted.position);
  return { link, broken: null };
}

function readPage(tx: Database, after: number): Promise<AuditRow[]> {
  return tx.select().from(audit).where(gt(audit.position, after)).orderBy(asc(audit.position)).limit(pageSize);
}

/** Whether a row of the log itself says that everything up to here was removed. */
async function isExplained(tx: Database, { position, hash }: Link): Promise<boolean> {
  const says = sql`${audit.detail} @> ${JSON.stringify({ position, hash })}::jsonb`;
  const found = await tx
    .select({ id: audit.id })
    .from(audit)
    .where(and(eq(audit.action, "audit.expired"), says))
    .limit(1);
  return found.length > 0;
}

function isAt(link: { readonly position: number; readonly hash: string | null }, noted: Link | undefined): boolean {
  return noted !== undefined && link.position === noted.position && link.hash === noted.hash;
}
