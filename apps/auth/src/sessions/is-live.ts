import type { Database } from "@countersign/database";
import { and, eq } from "drizzle-orm";
import { sessions, users } from "../schema.ts";
import { isRunning } from "./is-running.ts";

/**
 * Whether a session stands at this moment (milliseconds): not ended, within both of its lives, and of an active user.
 *
 * @param sessionId a UUID
 */
export async function isLive(db: Database, sessionId: string, at: number): Promise<boolean> {
  const [found] = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sessionId), isRunning(new Date(at)), eq(users.status, "active")));
  return found !== undefined;
}
