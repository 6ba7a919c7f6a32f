import { createHash } from "node:crypto";
import { eventTypes, rolesChanged } from "@countersign/context";
import type { SecurityEvent } from "@countersign/tokens";
import type { outbox } from "../schema.ts";
import type { Receiver } from "./receivers.ts";

/** A revocation of a user or of a session, which outsiders may hear of. */
export type OutsideRow = typeof outbox.$inferSelect & { readonly number: number; readonly userId: string | null };

/**
 * The id of a revocation for one receiver, the same however often it is sent. The id on the bus is not told: nobody outside
 * is to know it before everybody inside does.
 */
export function outsideId({ eventId }: Pick<OutsideRow, "eventId">, { streamId }: Pick<Receiver, "streamId">): string {
  return digest(`set ${streamId} ${eventId}`);
}

/**
 * The event that tells a receiver of a revocation (CAEP 1.0 §3.1, §3.2): whom it is about, when and why, and nothing else.
 * A session is named together with its user, for receivers that know only one of them. Of a change of roles it says the
 * new version of the user's tokens, since CAEP wants a claim, and no role.
 */
export function toOutsideEvent(row: OutsideRow, receiver: Receiver, issuer: string): SecurityEvent {
  const { kind, subject: id, reason, userId, createdAt } = row;
  const issuedAt = Math.floor(createdAt.getTime() / 1000);
  const why = reason === null ? {} : { reason_admin: { en: reason } };
  const event = { event_timestamp: issuedAt, ...why };
  const said = { id: outsideId(row, receiver), issuedAt, transaction: digest(`txn ${row.eventId}`) };
  const user = (sub: string) => ({ format: "iss_sub", iss: issuer, sub });
  if (kind === "session") {
    const owner = userId === null ? {} : { user: user(userId) };
    const subject = { format: "complex", ...owner, session: { format: "opaque", id } };
    return { ...said, subject, type: eventTypes.sessionRevoked, event };
  }
  if (reason !== rolesChanged) return { ...said, subject: user(id), type: eventTypes.sessionRevoked, event };
  const claims = { user_version: row.below };
  return { ...said, subject: user(id), type: eventTypes.claimsChanged, event: { ...event, claims } };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 32);
}
