import type { Database } from "@countersign/database";
import { tokenLife } from "@countersign/tokens";
import { and, eq } from "drizzle-orm";
import { outbox } from "../schema.ts";

/** Something that no longer counts from this moment on. */
export type NewRevocation = (EndedThing | EndedVersions) & {
  /** Why, in a word of the audit log. */
  readonly reason?: string;
  /** Milliseconds. */
  readonly now: number;
  /** When the last token that it matches ends, where that is known, in milliseconds; a clock may have been ahead. */
  readonly tokensUntil?: number;
};

/** By the id of a session, token or key. */
type EndedThing = { readonly kind: "session" | "token" | "key"; readonly subject: string };

/** By the id of a user or the name of a service: tokens that say a lower version end, except those of one session. */
type EndedVersions = {
  readonly kind: "user" | "service";
  readonly subject: string;
  readonly below: number;
  readonly except?: string;
};

/** The longest that a verifier's clock may lag and still be trusted, in seconds. */
const clockTolerance = 60;

/** How long a revocation is kept at least, in seconds: until the last token that it could match has expired everywhere. */
export const revocationLife = Math.max(...Object.values(tokenLife)) + clockTolerance;

/**
 * Writes a revocation into the transaction that causes it, so that neither can stand without the other; flush the relay
 * once the transaction is over.
 */
export async function recordRevocation(tx: Database, revocation: NewRevocation): Promise<void> {
  const { kind, subject, reason = null, now, tokensUntil = 0 } = revocation;
  const lastEnd = Math.max(now + revocationLife * 1000, tokensUntil + clockTolerance * 1000);
  const expiresAt = new Date(Math.floor(lastEnd / 1000) * 1000);
  const { below = null, except = null } = "below" in revocation ? revocation : {};
  await tx.insert(outbox).values({ kind, subject, below, except, reason, createdAt: new Date(now), expiresAt });
}

/** Whether a token was revoked by its own id. */
export async function isTokenRevoked(db: Database, tokenId: string): Promise<boolean> {
  const isOfToken = and(eq(outbox.kind, "token"), eq(outbox.subject, tokenId));
  return (await db.select({ id: outbox.id }).from(outbox).where(isOfToken).limit(1)).length > 0;
}
