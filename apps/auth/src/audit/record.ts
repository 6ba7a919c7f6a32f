import type { Database } from "@countersign/database";
import type { Requester } from "../requester.ts";
import { type AuditOutcome, audit } from "../schema.ts";

/** What the audit log speaks of. */
export type AuditAction =
  | "account.registered"
  | "session.started"
  | "session.refreshed"
  | "session.ended"
  | "sessions.ended"
  | "user.roles_changed"
  | "user.disabled"
  | "password.changed"
  | "token.issued"
  | "key.created"
  | "key.revoked"
  | "service.key_added"
  | "service.disabled"
  | "service.enabled"
  | "call.denied";

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
};

/** Adds one line to the audit log. Give the transaction of the change itself, so that neither stands without the other. */
export async function record(
  db: Database,
  entry: AuditEntry,
  origin: { readonly at: number; readonly from: Requester | null },
): Promise<void> {
  await db.insert(audit).values({
    at: new Date(origin.at),
    action: entry.action,
    outcome: entry.outcome,
    reason: entry.reason ?? null,
    actor: entry.actor ?? null,
    subject: entry.subject ?? null,
    requestId: origin.from?.requestId ?? null,
    address: origin.from?.address ?? null,
    detail: entry.detail ?? {},
  });
}
