import { eq } from "drizzle-orm";
import type { RouterDeps } from "../deps.ts";
import { ssfReceivers } from "../schema.ts";
import { streamEvents } from "./event-types.ts";
import { lockReceiver } from "./lock-receiver.ts";
import { addNotice } from "./notices.ts";
import type { Receiver } from "./receivers.ts";
import { streamOf } from "./stream.ts";

/**
 * Puts an event into the stream by which a receiver sees that the whole way works, with its own `state` (Shared Signals
 * Framework 1.0 §8.1.4). Of several that wait, the newest is sent.
 *
 * @throws SsfError 404
 */
export async function requestVerification(
  deps: Pick<RouterDeps, "db" | "now" | "newId">,
  receiver: Receiver,
  { stream_id: id, state }: { readonly stream_id: string; readonly state?: string | undefined },
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const { name, notices } = streamOf(await lockReceiver(tx, receiver.name), id);
    const said = { type: streamEvents.verification, event: state === undefined ? {} : { state } };
    await tx
      .update(ssfReceivers)
      .set({ notices: addNotice(notices, said, deps) })
      .where(eq(ssfReceivers.name, name));
  });
}
