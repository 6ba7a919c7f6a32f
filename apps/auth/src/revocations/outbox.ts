import type { Database } from "@countersign/database";
import { tokenLife } from "@countersign/tokens";
import { outbox, type RevocationKind } from "../schema.ts";

/** Something that no longer counts from this moment on. */
export type NewRevocation = {
  readonly kind: RevocationKind;
  /** The id of a session, user, token or key, or a service's name. */
  readonly subject: string;
  /** Milliseconds. */
  readonly now: number;
};

/** The longest that a verifier's clock may lag and still be believed, in seconds. */
const clockTolerance = 60;

/** How long a revocation is kept, in seconds: until the last token that it could match has expired everywhere. */
export const revocationLife = Math.max(...Object.values(tokenLife)) + clockTolerance;

/**
 * Writes a revocation into the transaction that causes it, so that neither can stand without the other; flush the relay
 * once the transaction is over. Of a `user` or a `service` everything ends that was issued up to the current second
 * (`firstSecondAfter` is where new tokens may begin); of the other kinds everything.
 */
export async function recordRevocation(tx: Database, { kind, subject, now }: NewRevocation): Promise<void> {
  const isTimed = kind === "user" || kind === "service";
  await tx.insert(outbox).values({
    kind,
    subject,
    issuedBefore: isTimed ? Math.floor(now / 1000) : null,
    createdAt: new Date(now),
    expiresAt: new Date((Math.floor(now / 1000) + revocationLife) * 1000),
  });
}

/** The first second that a revocation made now does not cover: tokens issued after it are dated no earlier. */
export function firstSecondAfter(now: number): Date {
  return new Date((Math.floor(now / 1000) + 1) * 1000);
}
