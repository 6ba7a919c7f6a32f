import type { Database } from "@countersign/database";
import { and, asc, desc, eq, gt, sql } from "drizzle-orm";
import { audit } from "../schema.ts";
import { type Anchor, AnchorError, type AnchorKind, assertOurs, readAnchor } from "./anchor.ts";
import { type AuditRow, type ChainProblem, followChain, type Link } from "./chain.ts";
import { readUnsealed, selectGenuine } from "./seal.ts";

export type VerifyOptions = {
  /** To tell whether anchor and unsealed rows are ours; without them that is left open. */
  readonly keys?: readonly Uint8Array[];
  /** A head that was noted elsewhere before: the chain must lead through it. */
  readonly noted?: Link;
  /** Heads of checkpoints, by position: the chain must lead through each that has not expired. */
  readonly checkpoints?: readonly Link[];
  /** A link that is trusted: what is before it is not followed again. */
  readonly from?: Link;
  /** Told now and then how far the chain was followed; a run that was interrupted goes on from there. */
  readonly onProgress?: (link: Link) => void;
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
  /** The first thing that is not as it was sealed; `position` is null when it is the anchor, or a row that is not sealed. */
  readonly broken: { readonly position: number | null; readonly problem: Problem } | null;
};

/**
 * `missing`: a row was removed, or moved; `changed`: it says something else; `unanchored`: rows that auth has not sealed;
 * `rewritten`: the chain ends in another hash than the anchor; `unexplained_expiry`: no row says why the log begins
 * where it does; `not_as_noted`: another hash than was noted; `rolled_back`: another than a checkpoint has, or none;
 * `forged`: a row that is not sealed yet was not written by auth, or was changed; `rows_removed`: auth noticed that rows
 * went before they were sealed.
 */
export type Problem =
  | ChainProblem
  | "unanchored"
  | "rewritten"
  | "unexplained_expiry"
  | "not_as_noted"
  | "rolled_back"
  | "forged"
  | "rows_removed"
  | AnchorError["code"];

const pageSize = 1_000;
const progressEvery = 100_000;

/**
 * Follows the whole chain up to where the anchor says, or further while rows are being sealed. It is read page by page: no
 * snapshot is held however long that takes, and rows may be sealed and expire meanwhile.
 */
export async function verifyAudit(db: Database, options: VerifyOptions = {}): Promise<Verdict> {
  const none = { position: 0, hash: "" };
  try {
    const { base, head } = await readOurs(db, options);
    const walked = await walk(db, options);
    const { pending, isForged } = await checkUnsealed(db, options);
    const broken = walked.broken ?? (isForged ? { position: null, problem: "forged" as const } : walked.removed);
    return { checked: walked.checked, pending, head: walked.head ?? head, base: walked.base ?? base, broken };
  } catch (error) {
    if (!(error instanceof AnchorError)) throw error;
    const { pending } = await checkUnsealed(db, {});
    return { checked: 0, pending, head: none, base: none, broken: { position: null, problem: error.code } };
  }
}

async function readOurs(db: Database, { keys }: VerifyOptions): Promise<Anchor & { readonly kind: AnchorKind }> {
  const anchor = await readAnchor(db);
  if (anchor === null) throw new Error("The anchor was read without a lock.");
  return { ...anchor, kind: keys === undefined ? "rows signed" : assertOurs(anchor, keys) };
}

type Broken = Verdict["broken"];
type Walked = {
  readonly checked: number;
  readonly base?: Link;
  readonly head?: Link;
  readonly broken: Broken;
  /** The first row that says that others were removed before they were sealed. */
  readonly removed: Broken;
};

async function walk(db: Database, options: VerifyOptions): Promise<Walked> {
  let anchor = await readOurs(db, options);
  const { from } = options;
  if (from !== undefined && from.position > anchor.head.position)
    return { checked: 0, ...anchor, removed: null, broken: { position: from.position, problem: "not_as_noted" } };
  let link = from !== undefined && from.position > anchor.base.position ? from : anchor.base;
  let checked = 0;
  let removed: Broken = null;
  const noted = createNoted(options);
  noted.pass([link]);
  for (;;) {
    const rows = await readPage(db, link.position);
    const followed = followChain(link, rows);
    const whole = rows.slice(0, followed.link.position - link.position);
    noted.pass(whole.map(({ position, hash }) => ({ position: position ?? 0, hash: hash ?? "" })));
    removed ??= findRemoved(whole);
    checked += whole.length;
    if (crosses(link, followed.link)) options.onProgress?.(followed.link);
    link = followed.link;
    if (rows.length > 0 && followed.problem === null) continue;
    anchor = await readOurs(db, options); // after the rows: it has moved along with every row that was read
    if (anchor.base.position > link.position) {
      link = anchor.base; // what was to be read next has expired meanwhile
      noted.pass([link]);
    } else if (followed.problem !== null) {
      return { checked, ...anchor, removed, broken: { position: link.position + 1, problem: followed.problem } };
    } else if (anchor.head.position <= link.position || (await readPage(db, link.position)).length === 0) break;
  }
  const broken = (await judgeEnd(db, anchor, link)) ?? noted.judge(anchor.base);
  return { checked, ...anchor, removed, broken };
}

/** What is wrong with the end of the chain, if anything. */
async function judgeEnd(db: Database, { base, head }: Anchor, link: Link): Promise<Broken> {
  if (link.position < head.position) return { position: link.position + 1, problem: "missing" };
  if (link.position > head.position) return { position: head.position + 1, problem: "unanchored" };
  if (link.hash !== head.hash) return { position: head.position, problem: "rewritten" };
  if (base.position > 0 && !(await isExplained(db, base)))
    return { position: base.position + 1, problem: "unexplained_expiry" };
  return null;
}

/** Remembers which of the links that were noted elsewhere the chain did not lead through. */
function createNoted({ noted, checkpoints = [], from }: VerifyOptions) {
  type Missed = Link & { readonly problem: Problem };
  const own: readonly Missed[] = noted === undefined ? [] : [{ ...noted, problem: "not_as_noted" }];
  const kept: readonly Missed[] = checkpoints.map(({ position, hash }) => ({ position, hash, problem: "rolled_back" }));
  const missed = new Map([...own, ...kept].map((link) => [keyOf(link), link]));
  return {
    pass(links: readonly Link[]): void {
      for (const link of links) missed.delete(keyOf(link));
    },
    /** A head that was noted by hand has to be there; a checkpoint may have expired, or lie before the beginning. */
    judge(base: Link): Broken {
      const begin = Math.max(base.position, from?.position ?? 0);
      const [first] = [...missed.values()]
        .filter(({ position, problem }) => problem === "not_as_noted" || position >= begin)
        .toSorted((one, other) => one.position - other.position);
      return first === undefined ? null : { position: first.position, problem: first.problem };
    },
  };
}

function keyOf({ position, hash }: Link): string {
  return `${position}:${hash}`;
}

function readPage(db: Database, after: number): Promise<AuditRow[]> {
  return db.select().from(audit).where(gt(audit.position, after)).orderBy(asc(audit.position)).limit(pageSize);
}

function crosses(from: Link, to: Link): boolean {
  return Math.floor(from.position / progressEvery) < Math.floor(to.position / progressEvery);
}

function findRemoved(rows: readonly AuditRow[]): Broken {
  const found = rows.find(({ action }) => action === "audit.rows_removed");
  return found === undefined ? null : { position: found.position, problem: "rows_removed" };
}

/** Rows that have come in since: each is signed, and none is a copy of one that is sealed. */
async function checkUnsealed(db: Database, options: VerifyOptions) {
  let pending = 0;
  let isForged = false;
  for (let after = 0; ; ) {
    const page = await db.transaction((tx) => checkPage(tx, after, options), {
      isolationLevel: "repeatable read",
      accessMode: "read only",
    });
    pending += page.read;
    isForged ||= page.isForged;
    if (page.read < pageSize) return { pending, isForged };
    after = page.last;
  }
}

/** In one snapshot, so that a row that is sealed meanwhile is no copy of itself. */
async function checkPage(tx: Database, after: number, options: VerifyOptions) {
  const rows = await readUnsealed(tx, { after, limit: pageSize });
  const page = { read: rows.length, last: rows.at(-1)?.id ?? after };
  const { keys } = options;
  if (keys === undefined || rows.length === 0) return { ...page, isForged: false };
  const signsRows = (await readOurs(tx, options)).kind === "rows signed";
  const genuine = await selectGenuine(tx, rows, { keys, signsRows });
  return { ...page, isForged: genuine.length < rows.length };
}

/** Whether a row of the log itself says that everything up to here was removed. The newest is looked at first. */
async function isExplained(db: Database, { position, hash }: Link): Promise<boolean> {
  const says = sql`${audit.detail} @> ${JSON.stringify({ position, hash })}::jsonb`;
  const found = await db
    .select({ id: audit.id })
    .from(audit)
    .where(and(eq(audit.action, "audit.expired"), says))
    .orderBy(desc(audit.id))
    .limit(1);
  return found.length > 0;
}
