import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import { type AuditAction, record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { readFeed } from "../revocations/feed-page.ts";
import { ssfReceivers } from "../schema.ts";
import { seal } from "../secrets/seal.ts";
import { supportedEvents } from "./event-types.ts";
import { lockReceiver } from "./lock-receiver.ts";
import { deliveryMethods } from "./metadata.ts";
import { labelOf, type Receiver } from "./receivers.ts";
import { SsfError } from "./ssf-error.ts";
import { type Stream, streamOf } from "./stream.ts";
import type { StreamChanges, StreamWishes } from "./stream-input.ts";

type ManageDeps = Pick<RouterDeps, "db" | "now" | "newId" | "issuer" | "sealing">;
type Change = Partial<typeof ssfReceivers.$inferInsert>;

/** What a stream is before anything is known of it; a new one begins where the sequence of revocations stands. */
const fresh = {
  description: null,
  status: "enabled",
  statusReason: null,
  acknowledged: [],
  notices: [],
} satisfies Change;
/** Forgets that pushing failed. */
export const pushAnew = { failures: 0, failingSince: null, pushAfter: null } satisfies Change;

/** Which receiver asks, and where from. */
export type ReceiverCall = { readonly receiver: Receiver; readonly from: Requester };

/**
 * Makes the one stream of a receiver (Shared Signals Framework 1.0 §8.1.1.1): polled, with every event, unless it says
 * otherwise.
 *
 * @throws SsfError 409 when it has one
 */
export async function createStream(deps: ManageDeps, { receiver, from }: ReceiverCall, wishes: StreamWishes) {
  return await change(deps, { receiver, action: "stream.created", from }, async (locked, tx) => {
    if (locked.streamId !== null) throw new SsfError(409, "A receiver has one stream: read, change or delete it.");
    const { number: position } = await readFeed(tx);
    const base = { ...fresh, ...pushAnew, streamId: deps.newId(), position };
    return { ...base, ...toColumns(deps, locked, { delivery: pollDelivery, events_requested: all, ...wishes }) };
  });
}

/** Changes what is said, and leaves the rest (§8.1.1.3). @throws SsfError 404, 400 */
export async function updateStream(deps: ManageDeps, { receiver, from }: ReceiverCall, changes: StreamChanges) {
  return await change(deps, { receiver, action: "stream.updated", from }, async (locked) => {
    checkOwn(deps, streamOf(locked, changes.stream_id), changes);
    return { ...pushAnew, ...toColumns(deps, locked, changes) };
  });
}

/** Changes everything, as if the stream were made anew, and keeps its place (§8.1.1.4). @throws SsfError 404, 400 */
export async function replaceStream(deps: ManageDeps, { receiver, from }: ReceiverCall, changes: StreamChanges) {
  return await change(deps, { receiver, action: "stream.updated", from }, async (locked) => {
    checkOwn(deps, streamOf(locked, changes.stream_id), changes);
    const complete = { delivery: pollDelivery, events_requested: all, ...changes };
    return { ...pushAnew, description: null, ...toColumns(deps, locked, complete) };
  });
}

/** Ends a stream with everything that waits in it (§8.1.1.5). @throws SsfError 404 */
export async function deleteStream(deps: ManageDeps, { receiver, from }: ReceiverCall, id: string | null) {
  await deps.db.transaction(async (tx) => {
    const { name } = streamOf(await lockReceiver(tx, receiver.name), id);
    const none = { ...fresh, ...pushAnew, streamId: null, endpoint: null, sealedAuthorization: null, requested: [] };
    await tx.update(ssfReceivers).set(none).where(eq(ssfReceivers.name, name));
    const entry = { action: "stream.deleted", outcome: "allowed", actor: name, subject: name } as const;
    await record(tx, entry, { at: deps.now(), from });
  });
}

const pollDelivery = { method: deliveryMethods.poll } as const;
const all = [...supportedEvents];

async function change(
  { db, now }: ManageDeps,
  { receiver: { name }, action, from }: ReceiverCall & { readonly action: AuditAction },
  toChange: (locked: Receiver, tx: Database) => Promise<Change>,
): Promise<Stream> {
  return await db.transaction(async (tx) => {
    const columns = await toChange(await lockReceiver(tx, name), tx);
    const [changed] = await tx.update(ssfReceivers).set(columns).where(eq(ssfReceivers.name, name)).returning();
    if (changed === undefined) throw new SsfError(401, "This receiver was removed.");
    const { method, endpoint, requested } = changed;
    const to = endpoint === null ? {} : { endpoint: new URL(endpoint).origin };
    const entry = {
      action,
      outcome: "allowed",
      actor: name,
      subject: name,
      detail: { method, ...to, requested },
    } as const;
    await record(tx, entry, { at: now(), from });
    return streamOf(changed, changed.streamId);
  });
}

function toColumns({ sealing }: ManageDeps, { name }: Receiver, wishes: StreamWishes): Change {
  const { delivery, events_requested: requested, description } = wishes;
  const said = {
    ...(requested === undefined ? {} : { requested }),
    ...(description === undefined ? {} : { description }),
  };
  if (delivery === undefined) return said;
  const none = { endpoint: null, sealedAuthorization: null };
  if (delivery.method === deliveryMethods.poll) return { ...said, ...none, method: "poll" };
  const { endpoint_url: endpoint, authorization_header: header } = delivery;
  const sealedAuthorization = header === undefined ? null : seal(header, labelOf(name), sealing);
  return { ...said, method: "push", endpoint, sealedAuthorization };
}

/** What auth decides may be said again, and not otherwise. */
function checkOwn({ issuer }: ManageDeps, { audience }: Stream, { iss = issuer, aud = audience }: StreamChanges): void {
  if (iss !== issuer) throw new SsfError(400, "iss: is not for a receiver to change");
  if (aud !== audience) throw new SsfError(400, "aud: is not for a receiver to change");
}
