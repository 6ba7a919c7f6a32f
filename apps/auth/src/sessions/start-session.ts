import type { Database } from "@countersign/database";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { signLine } from "../audit/audited-database.ts";
import { lineOfStatement } from "../audit/line-of-statement.ts";
import { toRow } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import { oncePerDatabase } from "../once-per-database.ts";
import type { Requester } from "../requester.ts";
import { sessions, users } from "../schema.ts";
import type { Mode } from "./deliver.ts";
import type { LiveSession } from "./issued.ts";
import { tokensUntil } from "./tokens-until.ts";

export type NewSession = {
  readonly userId: string;
  /**
   * The hash that the password was checked against: if it has changed since, the proof is worth nothing. Null where no
   * password was proved.
   */
  readonly passwordHash: string | null;
  /** How the client holds its tokens; in cookies unless told. */
  readonly mode?: Mode | undefined;
  readonly at: number;
  readonly from: Requester;
};

/**
 * Starts a session for a user who has just proved a password or an identity, and writes it into the audit log, in one statement. The
 * account is read anew in it and held against change until it is done: what commits meanwhile is waited for and seen.
 *
 * @returns null when the user has been disabled, or the password changed, since it was checked
 */
export async function startSession(db: Database, deps: AuthDeps, wanted: NewSession): Promise<LiveSession | null> {
  const { userId, passwordHash, mode = "cookie", at, from } = wanted;
  const sessionId = deps.newId();
  const lives = {
    authenticatedAt: new Date(at),
    idleExpiresAt: new Date(at + deps.sessionLife.idle),
    absoluteExpiresAt: new Date(at + deps.sessionLife.absolute),
  };
  const entry = { action: "session.started", outcome: "allowed" } as const;
  const line = signLine(db, { ...toRow(entry, { at, from }), subject: sessionId });
  const [user] = await startOn(db).execute({
    sessionId,
    userId,
    passwordHash,
    isBearer: mode === "bearer",
    userAgent: from.userAgent,
    clientAddress: from.address,
    ...lives,
    tokensUntil: tokensUntil(at),
    ...line.row,
  });
  if (user !== undefined) line.written();
  return user === undefined ? null : { ...lives, sessionId, generation: 0, user };
}

const startOn = oncePerDatabase((db) => {
  const unchanged = and(
    eq(users.id, sql.placeholder("userId")),
    sql`(${sql.placeholder("passwordHash")}::text is null or ${users.passwordHash} = ${sql.placeholder("passwordHash")})`,
    eq(users.status, "active"),
  );
  const columns = { id: users.id, email: users.email, roles: users.roles, tokenVersion: users.tokenVersion };
  const owner = db.$with("owner").as(db.select(columns).from(users).where(unchanged).for("share"));
  const started = db.$with("started", {}).as(sessionRow());
  const written = db.$with("written", {}).as(lineOfStatement(sql`owner`));
  return db.with(owner, started, written).select().from(owner).prepare("start_session");
});

function sessionRow(): SQL {
  const moment = (name: "authenticatedAt" | "idleExpiresAt" | "absoluteExpiresAt" | "tokensUntil") =>
    sql.param(sql.placeholder(name), sessions[name]);
  return sql`
    insert into ${sessions} (id, user_id, generation, authenticated_at, rotated_at, created_at, last_used_at,
      idle_expires_at, absolute_expires_at, tokens_until, is_bearer, user_agent, address)
    select ${sql.placeholder("sessionId")}::uuid, owner.id, 0, seen.at, seen.at, seen.at, seen.at,
      ${moment("idleExpiresAt")}::timestamptz, ${moment("absoluteExpiresAt")}::timestamptz,
      ${moment("tokensUntil")}::timestamptz, ${sql.placeholder("isBearer")}::boolean,
      ${sql.placeholder("userAgent")}::text, ${sql.placeholder("clientAddress")}::text
    from owner, (select ${moment("authenticatedAt")}::timestamptz as at) as seen`;
}
