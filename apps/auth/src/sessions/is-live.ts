import type { Database } from "@countersign/database";
import { and, eq, gt, isNull } from "drizzle-orm";
import { sessions, users } from "../schema.ts";

/**
 * Whether a session stands at this moment (milliseconds): not ended, within both of its lives, and of an active user.
 *
 * @param sessionId a UUID
 */
export async function isLive(db: Database, sessionId: string, at: number): Promise<boolean> {
  const moment = new Date(at);
  const [found] = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sessionId),
        isNull(sessions.endedAt),
        gt(sessions.idleExpiresAt, moment),
        gt(sessions.absoluteExpiresAt, moment),
        eq(users.status, "active"),
      ),
    );
  return found !== undefined;
}
