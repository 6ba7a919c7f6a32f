import { type Database, rowsOf } from "@countersign/database";
import { and, asc, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { outbox, revocationFeed } from "../schema.ts";
import { readFeed } from "./feed-page.ts";

/** How many at a time. */
export const batchSize = 200;
/** Heartbeats that a revocation is kept for at least: longer than any token lives, by a clock that nobody sets. */
const keptBeats = 20 * 60;

type OutboxRow = typeof outbox.$inferSelect;

/** Revocations that were given their numbers, in their order, and the name of the sequence. */
export type Numbered = { readonly epoch: string; readonly rows: readonly OutboxRow[] };

/**
 * Gives the revocations that have none yet their numbers, in the order in which they were written. It happens after their
 * transactions have committed, under a lock: so no number is ever missing, and none is seen before a lower one.
 *
 * @returns those that have a number since now, at most `batchSize`
 */
export async function numberRevocations(db: Database): Promise<Numbered> {
  return await db.transaction(async (tx) => {
    const { id, epoch, number, beat } = await readFeed(tx, { lock: true });
    const place = sql<number>`row_number() over (order by ${outbox.id})`.as("place");
    const waiting = tx
      .select({ id: outbox.id, place })
      .from(outbox)
      .where(and(eq(outbox.published, false), isNull(outbox.number)))
      .orderBy(asc(outbox.id))
      .limit(batchSize)
      .as("waiting");
    const rows = await tx
      .update(outbox)
      .set({ number: sql`${number}::bigint + ${waiting.place}`, keptUntilBeat: beat + keptBeats })
      .from(waiting)
      .where(eq(outbox.id, waiting.id))
      .returning(getTableColumns(outbox));
    const raised = { number: number + rows.length };
    if (rows.length > 0) await tx.update(revocationFeed).set(raised).where(eq(revocationFeed.id, id));
    return { epoch, rows: rows.toSorted((one, other) => one.id - other.id) };
  });
}

const beatRow = z.object({
  epoch: z.string(),
  number: z.coerce.number(),
  beat: z.coerce.number(),
  first: z.coerce.number(),
});

export type Heartbeat = z.output<typeof beatRow>;

/**
 * Counts one heartbeat for all replicas, and says up to where the sequence goes; null when another replica has just done
 * so. The clock of the database is asked only for how long ago that was.
 */
export async function countHeartbeat(db: Database): Promise<Heartbeat | null> {
  const rows = rowsOf(
    await db.execute(sql`
      update ${revocationFeed} as feed set beat = feed.beat + 1, beat_at = clock_timestamp()
      where id = 1 and abs(extract(epoch from clock_timestamp() - feed.beat_at)) >= 0.8
      returning feed.epoch, feed.number, feed.beat,
        coalesce((select min(number) from ${outbox}), feed.number + 1) as first`),
  );
  return rows[0] === undefined ? null : beatRow.parse(rows[0]);
}
