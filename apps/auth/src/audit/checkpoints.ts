import type { Log } from "@countersign/context";
import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { audit } from "../schema.ts";
import { type Anchor, assertOurs, readAnchor } from "./anchor.ts";
import type { Link } from "./chain.ts";
import { readCheckpoints, signCheckpoint } from "./checkpoint.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { TamperingError } from "./tampering-error.ts";

export type CheckpointDeps = {
  readonly db: Database;
  readonly auditKeys: readonly Uint8Array[];
  readonly stores: readonly CheckpointStore[];
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/**
 * Gives the function that says outside of the database where the audit log ends, whenever that has moved: in auth's own log
 * and, signed, in every store. Before it does, the log has to contain what was said before. That is the only way to notice
 * that its end was cut off along with its anchor, for example by restoring both from a backup.
 *
 * @returns a function that rejects with TamperingError `rolled_back`, AnchorError, or what a store says
 */
export function createCheckpoints({ db, auditKeys, stores, log, now }: CheckpointDeps): () => Promise<void> {
  let last: Link | null = null;

  async function keep(line: string, position: number): Promise<void> {
    const kept = await Promise.allSettled(stores.map((store) => store.append(line, position)));
    for (const result of kept) if (result.status === "rejected") throw result.reason;
  }

  return async () => {
    const anchor = await readAnchor(db);
    if (anchor === null) return;
    assertOurs(anchor, auditKeys);
    last ??= await readLast(stores, auditKeys);
    if (last !== null) await assertContains(db, anchor, last);
    if (anchor.head.position === (last?.position ?? 0)) return;
    await keep(signCheckpoint(anchor.head, now(), auditKeys), anchor.head.position);
    last = anchor.head;
    log.info({ head: `${anchor.head.position}:${anchor.head.hash}` }, "The audit log reaches up to here.");
  };
}

/** The last checkpoint of the store that has the furthest; null when there is none yet. */
async function readLast(stores: readonly CheckpointStore[], keys: readonly Uint8Array[]): Promise<Link | null> {
  const kept = await Promise.all(stores.map((store) => store.read()));
  const lasts = kept.flatMap((text) => readCheckpoints(text ?? "", keys).slice(-1));
  return lasts.toSorted((one, other) => other.position - one.position)[0] ?? null;
}

async function assertContains(db: Database, { base, head }: Anchor, { position, hash }: Link): Promise<void> {
  if (position < base.position || position === 0) return; // it has expired
  const [row] = await db.select({ hash: audit.hash }).from(audit).where(eq(audit.position, position));
  const known = [base, head].find((link) => link.position === position)?.hash ?? row?.hash;
  if (known === hash) return;
  throw new TamperingError("rolled_back", `The audit log does not contain its checkpoint at position ${position}.`);
}
