import type { RevocationPage } from "@countersign/context";
import type { Database } from "@countersign/database";
import type { FeedPosition } from "@countersign/tokens";
import { and, asc, gt, lte } from "drizzle-orm";
import { outbox, revocationFeed } from "../schema.ts";

const pageSize = 5_000;

/**
 * The revocations after a place in the sequence, in its order, as far as they still matter: what a service lacks.
 *
 * @param after null, or a place of another sequence, for all of them
 */
export async function readFeedPage(db: Database, after: FeedPosition | null): Promise<RevocationPage> {
  const { epoch, number: head, beat } = await readFeed(db);
  const begin = after?.epoch === epoch ? after.number : 0;
  const rows = await db
    .select()
    .from(outbox)
    .where(and(gt(outbox.number, begin), lte(outbox.number, head)))
    .orderBy(asc(outbox.number))
    .limit(pageSize);
  const more = rows.length === pageSize;
  const number = (more ? rows.at(-1)?.number : head) ?? head;
  return { epoch, number, beat, revocations: rows.map(toRevocation), more };
}

/** Where the sequence stands; `lock` keeps it there until the transaction ends. The row is there since the migration. */
export async function readFeed(
  db: Database,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<typeof revocationFeed.$inferSelect> {
  const reading = db.select().from(revocationFeed);
  const [feed] = await (lock ? reading.for("update") : reading);
  if (feed === undefined) throw new Error("The table revocation_feed is empty; run the migrations again.");
  return feed;
}

/** A row of the outbox as a revocation. */
export function toRevocation({ kind, subject, below, except, expiresAt }: typeof outbox.$inferSelect) {
  const bounds = { ...(below === null ? {} : { below }), ...(except === null ? {} : { except }) };
  return { kind, id: subject, ...bounds, expiresAt: Math.floor(expiresAt.getTime() / 1000) };
}
