import type { Database } from "@countersign/database";
import { addressKey, type DenialReport } from "@countersign/service";
import type { Requester } from "../requester.ts";
import { type AuditOutcome, audit } from "../schema.ts";
import { signLine } from "./audited-database.ts";
import type { NewAuditRow } from "./row-mac.ts";

/** What the audit log speaks of. */
export type AuditAction =
  | "account.registered"
  | "identity.linked"
  | "identity.unlinked"
  | "session.started"
  | "session.refreshed"
  | "session.ended"
  | "sessions.ended"
  | "user.roles_changed"
  | "user.disabled"
  | "user.enabled"
  | "user.deleted"
  | "user.unlocked"
  | "password.changed"
  | "password.reset"
  | "password.reset_requested"
  | "email.verified"
  | "email.change_requested"
  | "email.changed"
  | "email.change_undone"
  | "mail.failed"
  | "token.issued"
  | "token.exchanged"
  | "token.introspected"
  | "token.revoked"
  | "revocations.listed"
  | "key.created"
  | "key.revoked"
  | "service.key_added"
  | "service.secret_added"
  | "service.secret_removed"
  | "service.disabled"
  | "service.enabled"
  | "service.keys_retired"
  | "receiver.added"
  | "receiver.removed"
  | "stream.created"
  | "stream.updated"
  | "stream.deleted"
  | "stream.status_changed"
  | "stream.refused"
  | "call.denied"
  | "audit.expired"
  | "audit.rows_removed";

/** One security decision. Nothing in it is ever a credential, a token or a password. */
export type AuditEntry = {
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  /** A word for the cause of a refusal or an end, such as `bad_password`. */
  readonly reason?: string;
  /** Who did it: a user id, a service name, or `system`; absent for someone unknown. */
  readonly actor?: string;
  /** Whom or what it was done to: the id of a user, a session or a key, or a service's name. */
  readonly subject?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** Who decided; auth unless told. */
  readonly service?: DenialReport["service"];
  /** The key of the event that tells of it: a second entry with the same one is left out. */
  readonly eventKey?: string;
};

/** When it was, in milliseconds, and where from; null when nobody asked for it. */
export type AuditOrigin = {
  readonly at: number;
  readonly from: (Pick<Requester, "requestId"> & Partial<Pick<Requester, "address">>) | null;
};

/**
 * Adds one line to the audit log. Give the transaction of the change itself, so that neither stands without the other.
 * Takes no lock: the line gets its place in the chain afterwards (`seal.ts`), and until then it is signed.
 *
 * @throws Error when the database took no line, which then takes the change back with it
 */
export async function record(db: Database, entry: AuditEntry, origin: AuditOrigin): Promise<void> {
  const { row, written } = signLine(db, toRow(entry, origin));
  const insert = db.insert(audit).values(row);
  const isRepeated = entry.eventKey !== undefined;
  const rows = await (isRepeated ? insert.onConflictDoNothing() : insert).returning({ id: audit.id });
  if (rows.length > 0) written();
  else if (!isRepeated) throw new Error("The audit log did not take a row.");
}

/** The row of an entry, for a statement that writes it along with the change. Of an IPv6 address only the /64 is kept. */
export function toRow(entry: AuditEntry, { at, from }: AuditOrigin): NewAuditRow {
  return {
    at: new Date(at),
    service: entry.service ?? "auth",
    action: entry.action,
    outcome: entry.outcome,
    reason: toText(entry.reason),
    actor: toText(entry.actor),
    subject: toText(entry.subject),
    requestId: toText(from?.requestId),
    address: from?.address === undefined ? null : addressKey(from.address),
    detail: entry.detail ?? {},
    eventKey: toText(entry.eventKey),
  };
}

/** As the database will give it back: half of a surrogate pair has no UTF-8. */
function toText(text: string | undefined): string | null {
  return text?.toWellFormed() ?? null;
}
