import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { readFeed } from "../revocations/feed-page.ts";
import { ssfReceivers } from "../schema.ts";
import { lockReceiver } from "./lock-receiver.ts";
import { outsideId } from "./outside-event.ts";
import { readPending } from "./pending.ts";
import type { Stream } from "./stream.ts";

/** More than a receiver is ever given at once, so that everything that it can acknowledge is among them. */
const window = 1_000;

/** Takes events as done, by their ids. An id of another stream, or of nothing, changes nothing. */
export async function acknowledge(db: Database, stream: Stream, ids: ReadonlySet<string>): Promise<void> {
  if (ids.size === 0) return;
  await db.transaction(async (tx) => {
    const locked = await lockReceiver(tx, stream.name);
    if (locked.streamId !== stream.streamId) return; // it has another stream by now
    const pending = await readPending(tx, locked, window);
    const done = pending.filter((row) => ids.has(outsideId(row, locked))).map(({ number }) => number);
    const notices = locked.notices.filter(({ id }) => !ids.has(id));
    if (done.length === 0 && notices.length === locked.notices.length) return;
    const acknowledged = [...locked.acknowledged, ...done];
    const { number: head } = await readFeed(tx); // before what is still to come is read: it cannot pass that
    const [next] = await readPending(tx, { ...locked, acknowledged }, 1);
    const position = next === undefined ? head : next.number - 1;
    const ahead = acknowledged.filter((number) => number > position);
    await tx
      .update(ssfReceivers)
      .set({ notices, position, acknowledged: ahead })
      .where(eq(ssfReceivers.name, locked.name));
  });
}
