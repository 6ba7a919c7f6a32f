import { directProcedure } from "@countersign/context";
import { and, desc, eq } from "drizzle-orm";
import type { RouterDeps } from "../deps.ts";
import { sessions } from "../schema.ts";
import { isRunning } from "../sessions/is-running.ts";

/** A running session, as its owner sees it; times in ISO 8601. */
export type SessionView = {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  userAgent: string | null;
  address: string | null;
  /** Whether it is the one that asks. */
  current: boolean;
};

/** More sessions than this are not shown: the newest are. */
const most = 100;

/** The user's running sessions, newest first. */
export const listSessions = ({ db, now }: RouterDeps) =>
  directProcedure.query(async ({ ctx }): Promise<{ items: SessionView[] }> => {
    const rows = await db
      .select()
      .from(sessions)
      .where(and(eq(sessions.userId, ctx.user.id), isRunning(new Date(now()))))
      .orderBy(desc(sessions.createdAt), desc(sessions.id))
      .limit(most);
    return { items: rows.map((row) => toView(row, ctx.user.sessionId)) };
  });

function toView(row: typeof sessions.$inferSelect, currentId: string): SessionView {
  const { id, createdAt, lastUsedAt, userAgent, address } = row;
  const times = { createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt.toISOString() };
  return { id, ...times, userAgent, address, current: id === currentId };
}
