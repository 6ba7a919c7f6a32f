import type { Database } from "@countersign/database";
import { and, eq, sql } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { sessions, users } from "../schema.ts";
import { isRunning } from "./is-running.ts";
import type { LiveSession } from "./issued.ts";

/** What a refresh token stands for. */
export type Presented = { readonly sessionId: string; readonly generation: number };

/**
 * The whole rotation in one statement: a compare-and-swap on the generation. Of any number of parallel attempts with one
 * token one succeeds. The user's row is locked in share mode first: a change of roles or status that commits meanwhile is
 * waited for and seen, which a plain join would not do.
 *
 * @returns the session at its next generation, or null when this generation is not the newest of a running session
 */
export async function rotate(deps: AuthDeps, presented: Presented, at: number): Promise<LiveSession | null> {
  const { sessionId, generation } = presented;
  const moment = new Date(at);
  const owner = ownerOf(deps.db, sessionId);
  const idleUntil = sql.param(new Date(at + deps.sessionLife.idle), sessions.idleExpiresAt);
  const [rotated] = await deps.db
    .with(owner)
    .update(sessions)
    .set({
      generation: generation + 1,
      rotatedAt: moment,
      lastUsedAt: moment,
      idleExpiresAt: sql`least(${sessions.absoluteExpiresAt}, ${idleUntil})`,
    })
    .from(owner)
    .where(
      and(
        eq(sessions.id, sessionId),
        eq(sessions.userId, owner.id),
        eq(sessions.generation, generation),
        isRunning(moment),
      ),
    )
    .returning({
      authenticatedAt: sessions.authenticatedAt,
      idleExpiresAt: sessions.idleExpiresAt,
      absoluteExpiresAt: sessions.absoluteExpiresAt,
      userId: owner.id,
      email: owner.email,
      roles: owner.roles,
      tokensFrom: owner.tokensFrom,
    });
  if (rotated === undefined) return null;
  const { userId, email, roles, tokensFrom, ...times } = rotated;
  return { ...times, sessionId, generation: generation + 1, user: { id: userId, email, roles, tokensFrom } };
}

/** The active user of a session, as part of a statement, held against change until that is done. */
function ownerOf(db: Database, sessionId: string) {
  const userId = db.select({ id: sessions.userId }).from(sessions).where(eq(sessions.id, sessionId));
  const columns = { id: users.id, email: users.email, roles: users.roles, tokensFrom: users.tokensFrom };
  const isOwner = and(eq(users.id, userId), eq(users.status, "active"));
  return db.$with("owner").as(db.select(columns).from(users).where(isOwner).for("share"));
}
