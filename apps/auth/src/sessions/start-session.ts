import type { Database } from "@countersign/database";
import { and, eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { sessions, users } from "../schema.ts";
import type { LiveSession } from "./issued.ts";

export type NewSession = {
  readonly userId: string;
  /** The hash that the password was checked against: if it has changed since, the proof is worth nothing. */
  readonly passwordHash: string;
  readonly at: number;
  readonly from: Requester;
};

/**
 * Starts a session for a user who has just proved a password. The account is read anew and held against change until
 * the transaction ends.
 *
 * @returns null when the user has been disabled, or the password changed, since it was checked
 */
export async function startSession(tx: Database, deps: AuthDeps, wanted: NewSession): Promise<LiveSession | null> {
  const { userId, passwordHash, at, from } = wanted;
  const unchanged = and(eq(users.id, userId), eq(users.passwordHash, passwordHash), eq(users.status, "active"));
  const [user] = await tx.select().from(users).where(unchanged).for("share");
  if (user === undefined) return null;
  const moment = new Date(at);
  const session = {
    id: deps.newId(),
    generation: 0,
    authenticatedAt: moment,
    idleExpiresAt: new Date(at + deps.sessionLife.idle),
    absoluteExpiresAt: new Date(at + deps.sessionLife.absolute),
  };
  await tx.insert(sessions).values({
    ...session,
    userId,
    rotatedAt: moment,
    createdAt: moment,
    lastUsedAt: moment,
    userAgent: from.userAgent,
    address: from.address,
  });
  const entry = { action: "session.started", outcome: "allowed", actor: userId, subject: session.id } as const;
  await record(tx, entry, { at, from });
  const { id, ...rest } = session;
  return { ...rest, sessionId: id, user };
}
