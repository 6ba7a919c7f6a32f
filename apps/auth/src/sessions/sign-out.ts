import type { Database } from "@countersign/database";
import { and, eq, isNull } from "drizzle-orm";
import { lockUser } from "../accounts/account-change.ts";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { sessions } from "../schema.ts";
import { endSession, endSessionsOf } from "./end-sessions.ts";

/** Which session ends, by whom, and why. `userId` is its owner, where only the owner may end it. */
export type SignOut = {
  readonly sessionId: string;
  readonly userId?: string;
  readonly reason: "logout" | "revoked";
  readonly from: Requester;
};

/** Ends one session with its tokens. Answers whether it still ran. */
export async function signOut(deps: AuthDeps, { sessionId, userId, reason, from }: SignOut): Promise<boolean> {
  const which = userId === undefined ? { sessionId } : { sessionId, userId };
  const ended = await deps.db.transaction(async (tx) => {
    const at = deps.now();
    const owner = await endSession(tx, which, { reason, at });
    if (owner === null) return false;
    const entry = { action: "session.ended", outcome: "allowed", reason, actor: owner, subject: sessionId } as const;
    await record(tx, entry, { at, from });
    return true;
  });
  await deps.relay.flush();
  return ended;
}

/**
 * Ends every session of a user, this one too. Answers how many ended. Where none is left to end, as for all but the first
 * of parallel calls, nothing is changed, published or written down: each session has ended with its tokens.
 */
export async function signOutEverywhere(deps: AuthDeps, userId: string, from: Requester): Promise<number> {
  const ended = await deps.db.transaction(async (tx) => {
    await lockUser(tx, userId);
    if (!(await hasSession(tx, userId))) return 0;
    const at = deps.now();
    const count = await endSessionsOf(tx, userId, { reason: "logout_everywhere", at });
    const detail = { sessionsEnded: count };
    const entry = { action: "sessions.ended", outcome: "allowed", actor: userId, subject: userId, detail } as const;
    await record(tx, { ...entry, reason: "logout_everywhere" }, { at, from });
    return count;
  });
  await deps.relay.flush();
  return ended;
}

async function hasSession(tx: Database, userId: string): Promise<boolean> {
  const isOpen = and(eq(sessions.userId, userId), isNull(sessions.endedAt));
  return (await tx.select({ id: sessions.id }).from(sessions).where(isOpen).limit(1)).length > 0;
}
