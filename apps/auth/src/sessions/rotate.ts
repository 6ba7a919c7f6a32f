import type { Database } from "@countersign/database";
import { and, eq, sql } from "drizzle-orm";
import { signLine } from "../audit/audited-database.ts";
import { lineOfStatement } from "../audit/line-of-statement.ts";
import { toRow } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { oncePerDatabase } from "../once-per-database.ts";
import type { Requester } from "../requester.ts";
import { sessions, users } from "../schema.ts";
import { isRunning } from "./is-running.ts";
import type { LiveSession } from "./issued.ts";
import { tokensUntil } from "./tokens-until.ts";

/** What a refresh token stands for. */
export type Presented = { readonly sessionId: string; readonly generation: number };

/**
 * A rotation that comes to its row later than this does not happen, in seconds of the database's own clock: its time would
 * be that of the arrival, and whoever presented the token may have given up. The token then stays the newest.
 */
const patience = 3;

/** When a token was presented, in milliseconds, and where from. */
export type Seen = { readonly at: number; readonly from: Requester };

/**
 * The whole rotation in one statement: a compare-and-swap on the generation, and its line in the audit log. Of any number
 * of parallel attempts with one token one succeeds. The user's row is locked in share mode first: a change of roles or
 * status that commits meanwhile is waited for and seen, which a plain join would not do.
 *
 * @returns the session at its next generation, or null when this generation is not the newest of a running session, or
 * the database kept the statement waiting
 */
export async function rotate(deps: AuthDeps, presented: Presented, seen: Seen): Promise<LiveSession | null> {
  const { sessionId, generation } = presented;
  const next = generation + 1;
  const entry = { action: "session.refreshed", outcome: "allowed", detail: { generation: next } } as const;
  const line = signLine(deps.db, { ...toRow(entry, seen), subject: sessionId });
  const [rotated] = await rotationOn(deps.db).execute({
    sessionId,
    generation,
    next,
    moment: new Date(seen.at),
    idleUntil: new Date(seen.at + deps.sessionLife.idle),
    tokensUntil: tokensUntil(seen.at),
    replica: deps.replicaId,
    ...line.row,
  });
  if (rotated === undefined) return null;
  line.written();
  const { userId, email, roles, tokenVersion, ...times } = rotated;
  return { ...times, sessionId, generation: next, user: { id: userId, email, roles, tokenVersion } };
}

const rotationOn = oncePerDatabase(prepareRotation);

function prepareRotation(db: Database) {
  const owner = ownerOf(db);
  const moment = sql.param(sql.placeholder("moment"), sessions.rotatedAt);
  const idleUntil = sql.param(sql.placeholder("idleUntil"), sessions.idleExpiresAt);
  const issuedUntil = sql.param(sql.placeholder("tokensUntil"), sessions.tokensUntil);
  const isNewest = and(
    eq(sessions.id, sql.placeholder("sessionId")),
    eq(sessions.userId, owner.id),
    eq(sessions.generation, sql.placeholder("generation")),
  );
  // now() is when the transaction began, before it waited for a table or for the user's row
  const isInTime = sql`clock_timestamp() < now() + make_interval(secs => ${sql.raw(String(patience))})`;
  const rotated = db.$with("rotated").as(
    db
      .update(sessions)
      .set({
        generation: sql`${sql.placeholder("next")}`,
        rotatedAt: sql`${moment}`,
        rotatedBy: sql`${sql.placeholder("replica")}`,
        answerFailed: false,
        lastUsedAt: sql`${moment}`,
        idleExpiresAt: sql`least(${sessions.absoluteExpiresAt}, ${idleUntil})`,
        tokensUntil: sql`greatest(${sessions.tokensUntil}, ${issuedUntil})`,
      })
      .from(owner)
      .where(and(isNewest, isRunning(moment), isInTime))
      .returning({
        authenticatedAt: sessions.authenticatedAt,
        idleExpiresAt: sessions.idleExpiresAt,
        absoluteExpiresAt: sessions.absoluteExpiresAt,
        userId: owner.id,
        email: owner.email,
        roles: owner.roles,
        tokenVersion: owner.tokenVersion,
      }),
  );
  const written = db.$with("written", {}).as(lineOfStatement(sql`rotated`));
  return db.with(owner, rotated, written).select().from(rotated).prepare("rotate_session");
}

/** The active user of a session, as part of a statement, held against change until that is done. */
function ownerOf(db: Database) {
  const isSession = eq(sessions.id, sql.placeholder("sessionId"));
  const userId = db.select({ id: sessions.userId }).from(sessions).where(isSession);
  const columns = { id: users.id, email: users.email, roles: users.roles, tokenVersion: users.tokenVersion };
  const isOwner = and(eq(users.id, userId), eq(users.status, "active"));
  return db.$with("owner").as(db.select(columns).from(users).where(isOwner).for("share"));
}

/**
 * Dates a rotation anew whose answer is ready only now, so that the grace counts from when the client can have it. For what
 * the statement itself cannot see: the wait for a connection or for the commit.
 */
export async function redate(deps: AuthDeps, { sessionId, generation }: Presented, rotatedAt: number): Promise<void> {
  const isSame = and(eq(sessions.id, sessionId), eq(sessions.generation, generation));
  const moment = { rotatedAt: new Date(rotatedAt), rotatedBy: deps.replicaId };
  await deps.db.update(sessions).set(moment).where(isSame);
}
