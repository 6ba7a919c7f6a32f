import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { users } from "../schema.ts";
import type { LiveSession } from "./issued.ts";
import { makeRoom } from "./make-room.ts";
import { type NewSession, startSession } from "./start-session.ts";

/** A session as a sign-in wants it, and the sessions that the same browser held until now. */
export type WantedSession = NewSession & { readonly replaces?: readonly string[] | undefined };

/**
 * Starts a session as `startSession` does, and ends what it takes the place of in the same transaction. Sign-ins of one
 * user wait for each other here, for as long as the statements take.
 *
 * @param tx a transaction; flush the relay afterwards
 * @returns null as `startSession`; `ended` says how many sessions have made room
 */
export async function beginSession(
  tx: Database,
  deps: AuthDeps,
  wanted: WantedSession,
): Promise<{ readonly session: LiveSession; readonly ended: number } | null> {
  const { userId, replaces = [], at, from } = wanted;
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("no key update");
  const session = await startSession(tx, deps, wanted);
  if (session === null) return null;
  const ended = await makeRoom(tx, deps, { userId, sessionId: session.sessionId, replaces, at, from });
  return { session, ended };
}
