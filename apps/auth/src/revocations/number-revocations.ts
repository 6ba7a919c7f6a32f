import { type Database, rowsOf } from "@countersign/database";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { outbox, revocationFeed } from "../schema.ts";

/** How many at a time. */
export const batchSize = 200;
/** Heartbeats that a revocation is kept for at least: longer than any token lives, by a clock that nobody sets. */
const keptBeats = 20 * 60;

/**
 * Gives the revocations that have none yet their numbers, in the order in which they were written. It happens after their
 * transactions have committed, under a lock: so no number is ever missing, and none is seen before a lower one.
 */
export async function numberRevocations(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const [feed] = await tx.select().from(revocationFeed).for("update");
    if (feed === undefined) throw new Error("The table revocation_feed is empty; run the migrations again.");
    const keptUntil = feed.beat + keptBeats;
    const numbered = await tx.execute(sql`
      update ${outbox} as own set number = ${feed.number}::bigint + waiting.place, kept_until_beat = ${keptUntil}::bigint
      from (select id, row_number() over (order by id) as place from ${outbox}
        where published = false and number is null order by id limit ${batchSize}) as waiting
      where own.id = waiting.id returning own.id`);
    const count = rowsOf(numbered).length;
    if (count > 0)
      await tx
        .update(revocationFeed)
        .set({ number: feed.number + count })
        .where(eq(revocationFeed.id, 1));
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
