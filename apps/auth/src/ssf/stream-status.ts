import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { readFeed } from "../revocations/feed-page.ts";
import { ssfReceivers } from "../schema.ts";
import { lockReceiver } from "./lock-receiver.ts";
import type { ReceiverCall } from "./manage-stream.ts";
import { pushAnew } from "./manage-stream.ts";
import { type Stream, streamOf } from "./stream.ts";
import type { StatusChange } from "./stream-input.ts";

/**
 * Sets the status that a receiver wants (Shared Signals Framework 1.0 §8.1.2.2). A paused stream goes on where it was, as
 * far as its events are still kept; one that was disabled goes on with what comes from then on.
 *
 * @throws SsfError 404
 */
export async function setStatus(
  { db, now }: Pick<RouterDeps, "db" | "now">,
  { receiver, from }: ReceiverCall,
  wanted: StatusChange,
): Promise<Stream> {
  return await db.transaction(async (tx) => {
    const before = streamOf(await lockReceiver(tx, receiver.name), wanted.stream_id);
    const { status, reason = null } = wanted;
    const restarts = before.status === "disabled" && status !== "disabled";
    const anew = restarts ? { position: (await readFeed(tx)).number, acknowledged: [], notices: [] } : {};
    const columns = { status, statusReason: reason, ...pushAnew, ...anew };
    const { name } = before;
    await tx.update(ssfReceivers).set(columns).where(eq(ssfReceivers.name, name));
    const entry = { action: "stream.status_changed", outcome: "allowed", actor: name, subject: name } as const;
    await record(tx, { ...entry, detail: { status } }, { at: now(), from });
    return { ...before, ...columns };
  });
}
