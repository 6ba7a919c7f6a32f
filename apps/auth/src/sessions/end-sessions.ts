import { rolesChanged } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, count, eq, isNull, ne, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { recordRevocation } from "../revocations/outbox.ts";
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
  ending: Ending,
): Promise<string | null> {
  const owned = which.userId === undefined ? undefined : eq(sessions.userId, which.userId);
  const ended = await end(tx, and(eq(sessions.id, which.sessionId), owned), ending);
  const { userId } = ended;
  if (userId === null) return null;
  const about = { reason: ending.reason, now: ending.at, tokensUntil: ended.tokensUntil };
  await recordRevocation(tx, { kind: "session", subject: which.sessionId, ...about });
  return userId;
}

/**
 * Ends all sessions of a user, and every token that was issued to them so far. The caller holds the user's row locked, so
 * that no refresh can slip in between.
 *
 * @returns how many sessions ended
 */
export async function endSessionsOf(tx: Database, userId: string, ending: Ending): Promise<number> {
  const { sessionsEnded } = await end(tx, eq(sessions.userId, userId), ending);
  await raiseVersion(tx, userId, { ...ending, keep: keepNone });
  return sessionsEnded;
}

/**
 * Ends every session of a user but one, with their access tokens, by one revocation however many they are; the tokens of
 * the one that is kept stay good. The caller holds the user's row locked.
 *
 * @returns how many sessions ended
 */
export async function endOtherSessionsOf(
  tx: Database,
  which: { readonly userId: string; readonly keptId: string },
  ending: Ending,
): Promise<number> {
  const { userId, keptId } = which;
  const { sessionsEnded } = await end(tx, and(eq(sessions.userId, userId), ne(sessions.id, keptId)), ending);
  const keptVersion = sql`case when ${users.keptSessionId} = ${keptId} then ${users.keptVersion}
    else ${users.tokenVersion} end`;
  await raiseVersion(tx, userId, { ...ending, keep: { keptSessionId: keptId, keptVersion }, except: keptId });
  return sessionsEnded;
}

/** Ends every access token of a user so far; the sessions go on, and their next refresh sees what has changed. */
export async function revokeTokensOf(tx: Database, userId: string, at: number): Promise<void> {
  await raiseVersion(tx, userId, { at, reason: rolesChanged, keep: keepNone });
}

/** Ends sessions of one user. They are counted where they lie: thousands of rows would hold everybody else up on their way. */
async function end(tx: Database, which: SQL | undefined, { reason, at }: Ending) {
  const ended = tx.$with("ended").as(
    tx
      .update(sessions)
      .set({ endedAt: new Date(at), endReason: reason })
      .where(and(which, isNull(sessions.endedAt)))
      .returning({ userId: sessions.userId, tokensUntil: sessions.tokensUntil }),
  );
  const columns = {
    sessionsEnded: count(),
    userId: sql<string | null>`min(${ended.userId}::text)`,
    tokensUntil: lastOf(ended.tokensUntil),
  };
  const [found = { sessionsEnded: 0, userId: null, tokensUntil: 0 }] = await tx.with(ended).select(columns).from(ended);
  return found;
}

const keepNone = { keptSessionId: null, keptVersion: null };

type Raise = {
  readonly at: number;
  readonly reason: string;
  readonly keep: { readonly keptSessionId: string | null; readonly keptVersion: SQL | null };
  readonly except?: string;
};

/** No clock has a part in it: what was issued before says a lower version, and what is issued afterwards does not. */
async function raiseVersion(tx: Database, userId: string, { at, keep, ...bounds }: Raise): Promise<void> {
  const [raised] = await tx
    .update(users)
    .set({ tokenVersion: sql`${users.tokenVersion} + 1`, ...keep, updatedAt: new Date(at) })
    .where(eq(users.id, userId))
    .returning({ below: users.tokenVersion, tokensUntil: lastTokenOf(userId) });
  if (raised === undefined) return; // deleted meanwhile: the sessions went with it
  const { below, tokensUntil } = raised;
  await recordRevocation(tx, { kind: "user", subject: userId, below, ...bounds, now: at, tokensUntil });
}

/** When the last token of any session of the user ends, in milliseconds. */
function lastTokenOf(userId: string): SQL<number> {
  return sql`(select ${lastOf(sessions.tokensUntil)} from ${sessions} where ${sessions.userId} = ${userId})`.mapWith(
    Number,
  );
}

/** The latest of moments, in milliseconds. */
function lastOf(moment: SQLWrapper): SQL<number> {
  return sql`coalesce(max(extract(epoch from ${moment}) * 1000), 0)::float8`.mapWith(Number);
}
