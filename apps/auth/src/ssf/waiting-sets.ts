import { type SecurityEvent, signSecurityEvent } from "@countersign/tokens";
import type { RouterDeps } from "../deps.ts";
import type { StreamNotice } from "../schema.ts";
import { toOutsideEvent } from "./outside-event.ts";
import { readPending } from "./pending.ts";
import type { Stream } from "./stream.ts";

export type SetDeps = Pick<RouterDeps, "db" | "issuer" | "eventKeys">;

/** Signed events by their ids, in their order, and whether there are more. */
export type WaitingSets = { readonly sets: ReadonlyMap<string, string>; readonly more: boolean };

/** The events that a receiver is to get now, each a Security Event Token of its own; none of a stream that does not run. */
export async function readWaitingSets(deps: SetDeps, stream: Stream, limit: number): Promise<WaitingSets> {
  if (stream.status !== "enabled") return { sets: new Map(), more: false };
  const notices = stream.notices.map((notice) => toNoticeEvent(notice, stream));
  const rows = await readPending(deps.db, stream, limit + 1);
  const events = [...notices, ...rows.map((row) => toOutsideEvent(row, stream, deps.issuer))];
  const parties = { issuer: deps.issuer, audience: stream.audience };
  const sets = new Map<string, string>();
  for (const event of events.slice(0, limit)) {
    sets.set(event.id, await signSecurityEvent(event, parties, deps.eventKeys.signer));
  }
  return { sets, more: events.length > limit };
}

function toNoticeEvent(notice: StreamNotice, { streamId }: Stream): SecurityEvent {
  return { ...notice, subject: { format: "opaque", id: streamId } };
}
