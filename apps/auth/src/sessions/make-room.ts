import type { Database } from "@countersign/database";
import { and, desc, eq, ne } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { type EndReason, sessions } from "../schema.ts";
import { endSession } from "./end-sessions.ts";
import { isRunning } from "./is-running.ts";

/** A session that has just begun, and what it takes the place of. */
export type Beginning = {
  readonly userId: string;
  readonly sessionId: string;
  /** The sessions that the same browser held until now, of this user or of another one. */
  readonly replaces: readonly string[];
  readonly at: number;
  readonly from: Requester;
};

/** The most that one sign-in ends: where there are more, as before there was a bound, the next ones end the rest. */
const mostAtOnce = 200;

/**
 * Ends what a new session takes the place of, each with its access tokens and a line in the audit log: the sessions that
 * its browser held, and the longest unused ones of its user beyond `sessionsPerUser`. The caller holds the user's row
 * locked, so that of any number of sign-ins at once each counts the others.
 *
 * @param tx the transaction in which the session begins; flush the relay afterwards
 * @returns how many ended
 */
export async function makeRoom(tx: Database, deps: AuthDeps, beginning: Beginning): Promise<number> {
  let ended = 0;
  for (const sessionId of beginning.replaces) ended += await end(tx, { sessionId, reason: "replaced" }, beginning);
  for (const sessionId of await beyondBound(tx, deps, beginning)) {
    ended += await end(tx, { sessionId, reason: "too_many" }, beginning);
  }
  return ended;
}

async function beyondBound(tx: Database, deps: AuthDeps, { userId, sessionId, at }: Beginning): Promise<string[]> {
  const rows = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId), isRunning(new Date(at))))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id))
    .offset(deps.sessionsPerUser - 1)
    .limit(mostAtOnce);
  return rows.map(({ id }) => id);
}

type Ended = { readonly sessionId: string; readonly reason: EndReason };

async function end(tx: Database, { sessionId, reason }: Ended, beginning: Beginning): Promise<0 | 1> {
  const { userId, at, from } = beginning;
  const owner = await endSession(tx, { sessionId }, { reason, at });
  if (owner === null) return 0;
  const detail = { by: beginning.sessionId };
  const entry = { action: "session.ended", outcome: "allowed", reason, actor: userId, subject: sessionId } as const;
  await record(tx, { ...entry, detail }, { at, from });
  return 1;
}
