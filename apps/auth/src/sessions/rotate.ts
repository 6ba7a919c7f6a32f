import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { sessions, users } from "../schema.ts";
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
  const { db, sessionLife } = deps;
  const { sessionId, generation } = presented;
  const moment = new Date(at);
  const idleUntil = sql.param(new Date(at + sessionLife.idle), sessions.idleExpiresAt);
  const ofSession = db.select({ id: sessions.userId }).from(sessions).where(eq(sessions.id, sessionId));
  const owner = db.$with("owner").as(
    db
      .select({
        userId: sql<string>`${users.id}`.as("user_id"),
        email: users.email,
        roles: users.roles,
        tokensFrom: users.tokensFrom,
      })
      .from(users)
      .where(and(eq(users.id, ofSession), eq(users.status, "active")))
      .for("share"),
  );
  const [rotated] = await db
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
        eq(sessions.userId, owner.userId),
        eq(sessions.generation, generation),
        isNull(sessions.endedAt),
        gt(sessions.idleExpiresAt, moment),
        gt(sessions.absoluteExpiresAt, moment),
      ),
    )
    .returning({
      authenticatedAt: sessions.authenticatedAt,
      idleExpiresAt: sessions.idleExpiresAt,
      absoluteExpiresAt: sessions.absoluteExpiresAt,
      userId: owner.userId,
      email: owner.email,
      roles: owner.roles,
      tokensFrom: owner.tokensFrom,
    });
  if (rotated === undefined) return null;
  const { userId, email, roles, tokensFrom, ...times } = rotated;
  return { ...times, sessionId, generation: generation + 1, user: { id: userId, email, roles, tokensFrom } };
}
