import type { Database } from "@countersign/database";
import { and, eq, isNull, ne } from "drizzle-orm";
import { firstSecondAfter, recordRevocation } from "../revocations/outbox.ts";
import { type EndReason, sessions, users } from "../schema.ts";

/** Why and when sessions end; milliseconds. */
export type Ending = { readonly reason: EndReason; readonly at: number };

/**
 * Ends one session, and with it every access token that names it.
 *
 * @param tx the transaction of whatever ends it; flush the relay afterwards
 * @param which the session, and its owner where only the owner may end it
 * @returns the owner, or null when there is no such session that still runs
 */
export async function endSession(
  tx: Database,
  which: { readonly sessionId: string; readonly userId?: string },
  { reason, at }: Ending,
): Promise<string | null> {
  const owned = which.userId === undefined ? undefined : eq(sessions.userId, which.userId);
  const [ended] = await tx
    .update(sessions)
    .set({ endedAt: new Date(at), endReason: reason })
    .where(and(eq(sessions.id, which.sessionId), owned, isNull(sessions.endedAt)))
    .returning({ userId: sessions.userId });
  if (ended === undefined) return null;
  await recordRevocation(tx, { kind: "session", subject: which.sessionId, now: at });
  return ended.userId;
}

/**
 * Ends all sessions of a user, and every token that was issued to them up to now. The caller holds the user's row
 * locked, and took `at` after that, so that no refresh can slip in between.
 *
 * @returns how many sessions ended
 */
export async function endSessionsOf(tx: Database, userId: string, { reason, at }: Ending): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: new Date(at), endReason: reason })
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  await revokeTokensOf(tx, userId, at);
  return ended.length;
}

/**
 * Ends every session of a user but one, each with its access tokens; those of the one that is kept stay good. The caller
 * holds the user's row locked, and took `at` after that.
 *
 * @returns how many sessions ended
 */
export async function endOtherSessionsOf(
  tx: Database,
  which: { readonly userId: string; readonly keptId: string },
  { reason, at }: Ending,
): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: new Date(at), endReason: reason })
    .where(and(eq(sessions.userId, which.userId), ne(sessions.id, which.keptId), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  for (const { id } of ended) await recordRevocation(tx, { kind: "session", subject: id, now: at });
  return ended.length;
}

/** Ends every access token of a user up to now; the sessions go on, and their next refresh sees what has changed. */
export async function revokeTokensOf(tx: Database, userId: string, at: number): Promise<void> {
  await tx
    .update(users)
    .set({ tokensFrom: firstSecondAfter(at), updatedAt: new Date(at) })
    .where(eq(users.id, userId));
  await recordRevocation(tx, { kind: "user", subject: userId, now: at });
}
