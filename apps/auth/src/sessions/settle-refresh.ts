import type { Database } from "@countersign/database";
import { tokenLife } from "@countersign/tokens";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { type EndReason, sessions, users } from "../schema.ts";
import { endSession } from "./end-sessions.ts";
import type { LiveSession } from "./issued.ts";
import type { Presented, Seen } from "./rotate.ts";
import { clockTolerance, graceOf } from "./session-life.ts";
import { tokensUntil } from "./tokens-until.ts";

/** What became of a refresh that did not rotate. */
export type Settled = { readonly session: LiveSession } | { readonly session: null; readonly reason: RefusedRefresh };

/** Why a refresh token that auth did issue renews nothing; the last three are kinds of reuse. */
export type RefusedRefresh = "unknown_session" | "session_ended" | "session_expired" | "user_disabled" | ReuseKind;

/**
 * `late_predecessor`: the one before the newest, after the grace. `older_generation`: one before that.
 * `unknown_generation`: one that the database has not given out, as after it was restored from a backup.
 */
export type ReuseKind = "late_predecessor" | "older_generation" | "unknown_generation";

/**
 * Decides about a refresh whose compare-and-swap found nothing, with user and session locked, always in this order. A
 * session that turns out to be over is ended in the same transaction, and the audit log says why: no session is lost
 * without a cause. Reuse is named there by its kind.
 *
 * @param seen its `at` is when the token came: what a locked row took since then is not charged to it
 */
export async function settleRefresh(deps: AuthDeps, presented: Presented, seen: Seen): Promise<Settled> {
  return await deps.db.transaction(async (tx) => {
    const row = await lockSession(tx, presented.sessionId);
    if (row === null) return refused("unknown_session");
    const { session, user } = row;
    if (session.endedAt !== null) return refused("session_ended"); // why, was written down when it ended
    const over = whyOver(presented, row, { at: seen.at, tolerance: toleranceOf(deps, session) });
    const at = deps.now();
    if (over === null) {
      await coverAnswer(tx, session, { at, replicaId: deps.replicaId });
      return { session: { ...session, sessionId: session.id, user } };
    }
    await endSession(tx, presented, { reason: over.reason, at });
    const detail = { kind: over.kind, presented: presented.generation, newest: session.generation, userId: user.id };
    const entry = { action: "session.ended", outcome: "refused", reason: over.reason, subject: session.id } as const;
    await record(tx, { ...entry, detail }, { at, from: seen.from });
    return refused(over.refusal);
  });
}

/**
 * How long after the rotation the predecessor is in time. A rotation that another replica dated is allowed the difference
 * that clocks may have; this replica's own is not.
 */
function toleranceOf({ sessionLife, replicaId }: AuthDeps, session: typeof sessions.$inferSelect): number {
  const isForeign = session.rotatedBy !== null && session.rotatedBy !== replicaId;
  return graceOf(sessionLife, session) + (isForeign ? clockTolerance : 0);
}

/**
 * Writes down what this answer changes. After a failed one, the newest token is on its way to somebody, and its
 * predecessor has the ordinary grace from now on; an access token that outlives what the row knows of is covered by it.
 */
async function coverAnswer(
  tx: Database,
  session: typeof sessions.$inferSelect,
  { at, replicaId }: { readonly at: number; readonly replicaId: string },
): Promise<void> {
  const restarted = { rotatedAt: new Date(at), rotatedBy: replicaId, answerFailed: false };
  const isCovered = session.tokensUntil.getTime() >= at + tokenLife.user * 1000;
  if (isCovered && !session.answerFailed) return;
  await tx
    .update(sessions)
    .set({ ...(session.answerFailed ? restarted : {}), tokensUntil: tokensUntil(at) })
    .where(eq(sessions.id, session.id));
}

/** In two statements, so that the second sees what was committed while the first one waited. */
async function lockSession(tx: Database, sessionId: string) {
  const ofSession = tx.select({ id: sessions.userId }).from(sessions).where(eq(sessions.id, sessionId));
  const [user] = await tx.select().from(users).where(eq(users.id, ofSession)).for("share");
  const [session] = await tx.select().from(sessions).where(eq(sessions.id, sessionId)).for("update");
  return user === undefined || session === undefined ? null : { user, session };
}

type Locked = NonNullable<Awaited<ReturnType<typeof lockSession>>>;

/** Why the session is over: for its row, for the audit log, and for the refusal. */
type Over = { readonly reason: EndReason; readonly kind: string; readonly refusal: RefusedRefresh };

/** Null when the session goes on. What has expired is not called reuse, whichever token of it is presented. */
function whyOver(
  { generation }: Presented,
  { session, user }: Locked,
  { at, tolerance }: { readonly at: number; readonly tolerance: number },
): Over | null {
  const expired = expiredLife(session, at);
  if (expired !== null) return { reason: "expired", kind: expired, refusal: "session_expired" };
  if (user.status !== "active") return { reason: "user_disabled", kind: user.status, refusal: "user_disabled" };
  const kind = reuseOf(generation, session, at - tolerance);
  return kind === null ? null : { reason: "reuse", kind, refusal: kind };
}

function expiredLife({ idleExpiresAt, absoluteExpiresAt }: Locked["session"], at: number): "idle" | "absolute" | null {
  if (absoluteExpiresAt.getTime() <= at) return "absolute";
  return idleExpiresAt.getTime() <= at ? "idle" : null;
}

/** Null for what is no reuse: the newest itself, which a rotation meanwhile can no longer have missed, or its predecessor in time, or whose answer failed. */
function reuseOf(generation: number, newest: Locked["session"], graceSince: number): ReuseKind | null {
  if (generation > newest.generation) return "unknown_generation";
  if (generation === newest.generation) return null;
  if (generation < newest.generation - 1) return "older_generation";
  return newest.answerFailed || newest.rotatedAt.getTime() >= graceSince ? null : "late_predecessor";
}

function refused(reason: RefusedRefresh): Settled {
  return { session: null, reason };
}
