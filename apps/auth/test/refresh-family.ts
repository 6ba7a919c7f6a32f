import type { Database, OpenDatabase } from "@countersign/database";
import { and, eq, inArray } from "drizzle-orm";
import { changePassword } from "../src/accounts/change-password.ts";
import { disableUser } from "../src/accounts/change-user.ts";
import type { AuthDeps } from "../src/deps.ts";
import { audit, type EndReason, outbox, sessions, type UserStatus, users } from "../src/schema.ts";
import { refresh } from "../src/sessions/refresh.ts";
import { settleRefresh } from "../src/sessions/settle-refresh.ts";
import { signOut, signOutEverywhere } from "../src/sessions/sign-out.ts";

/** What decides how a family of tokens goes on. A time is how many seconds ago it was: rows that are alike behave alike. */
export type FamilyRow = {
  readonly generation: number;
  readonly rotatedAgo: number;
  readonly end: EndReason | null;
  readonly status: UserStatus;
};

/** The halves of a refresh, between which anything may happen, and all that happens to a session from outside. */
export type Operation =
  | { readonly name: "rotate"; readonly generation: number; readonly crash: boolean }
  | { readonly name: "settle"; readonly generation: number; readonly ago: number; readonly crash: boolean }
  | { readonly name: Ending };

export const endings = ["logout", "password changed", "everywhere", "disabled"] as const;
export type Ending = (typeof endings)[number];

/** What came of an operation: the row, what the client would hear, and what was written beside. */
export type Result = {
  readonly row: FamilyRow;
  /** The generation that was given, why not, or `silent` for what answers no refresh. */
  readonly answer: number | string;
  /** `reason` or `reason: kind` of each line of the audit log that says why sessions ended. */
  readonly audit: readonly string[];
  /** The kinds of the revocations that cover the session. */
  readonly revoked: readonly string[];
};

export const someone = { requestId: "refresh-test", address: "192.0.2.1", userAgent: null };
const administrator = "00000000-0000-4000-8000-000000000099";
const day = 24 * 3600 * 1000;

/** A family in the database, with a second session of the same user, which changes the password. */
export type Family = { readonly sessionId: string; readonly userId: string; readonly otherId: string };

/** Whatever runs families: how to hash, what the time is, and the hash of the one password that all have. */
export type FamilyDeps = { readonly deps: AuthDeps; readonly passwordHash: string };

export const familyPassword = "correct horse";

/** Commits do not wait for the disk on new connections to this PostgreSQL: a test has hundreds, and no power cut. */
export async function commitWithoutDisk(database: OpenDatabase): Promise<void> {
  const setting = "execute format('alter database %I set synchronous_commit = off', current_database())";
  await database.query(`do $$ begin ${setting}; end $$`);
}

/** Puts a family into the database, in this state. */
export async function putFamily({ deps, passwordHash }: FamilyDeps, row: FamilyRow): Promise<Family> {
  const now = deps.now();
  const [userId, sessionId, otherId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const email = `${userId}@example.com`;
  const made = { createdAt: new Date(now), updatedAt: new Date(now) };
  await deps.db.insert(users).values({ id: userId, email, passwordHash, roles: ["user"], status: row.status, ...made });
  const began = new Date(now - day);
  const lives = { idleExpiresAt: new Date(now + day), absoluteExpiresAt: new Date(now + 2 * day) };
  const common = { userId, createdAt: began, lastUsedAt: began, authenticatedAt: began, ...lives };
  const rotatedAt = new Date(now - row.rotatedAgo * 1000);
  const end = row.end === null ? {} : { endedAt: began, endReason: row.end };
  await deps.db.insert(sessions).values([
    { ...common, id: sessionId, generation: row.generation, rotatedAt, ...end },
    { ...common, id: otherId, generation: 0, rotatedAt: began },
  ]);
  return { sessionId, userId, otherId };
}

/** Does it for real, on a family that was put into this state, and reads what has come of it. */
export async function perform(on: FamilyDeps, row: FamilyRow, operation: Operation): Promise<Result> {
  const family = await putFamily(on, row);
  const answer = await operate(on.deps, family, operation);
  return { answer, ...(await observe(on.deps, family)) };
}

class Crash extends Error {}

/** A crash before the commit: everything was done, and is rolled back as the connection ends. */
async function operate(deps: AuthDeps, family: Family, operation: Operation): Promise<number | string> {
  if (!("crash" in operation) || !operation.crash) return await carryOut(deps, family, operation);
  const crash = deps.db.transaction(async (tx) => {
    await carryOut({ ...deps, db: tx }, family, operation);
    throw new Crash();
  });
  return await crash.catch((error: unknown) => {
    if (error instanceof Crash) return "crashed";
    throw error;
  });
}

/** Does one operation, in whatever transaction `deps.db` is. */
export async function carryOut(deps: AuthDeps, family: Family, operation: Operation): Promise<number | string> {
  const { sessionId, userId, otherId } = family;
  if (operation.name === "rotate") return await firstHalf(deps, sessionId, operation.generation);
  if (operation.name === "settle") {
    const seen = { at: deps.now() - operation.ago * 1000, from: someone };
    const settled = await settleRefresh(deps, { sessionId, generation: operation.generation }, seen);
    return settled.session === null ? settled.reason : settled.session.generation;
  }
  if (operation.name === "logout") await signOut(deps, { sessionId, reason: "logout", from: someone });
  if (operation.name === "everywhere") await signOutEverywhere(deps, userId, someone);
  if (operation.name === "disabled") await disableUser(deps, { userId, actor: administrator, from: someone });
  if (operation.name === "password changed") {
    const change = { currentPassword: familyPassword, newPassword: "battery staple" };
    await changePassword(deps, change, { userId, sessionId: otherId, from: someone });
  }
  return "silent";
}

class Missed extends Error {}

/** A refresh up to where its statement has found nothing, and it would settle that in a transaction. */
async function firstHalf(deps: AuthDeps, sessionId: string, generation: number): Promise<number | string> {
  const missed = () => Promise.reject(new Missed());
  const db = new Proxy<Database>(deps.db, {
    get: (target, name) => (name === "transaction" ? missed : Reflect.get(target, name, target)),
  });
  try {
    const { refreshToken } = await refresh(
      { ...deps, db },
      { token: deps.refreshTokens.issue(sessionId, generation) },
      someone,
    );
    return deps.refreshTokens.read(refreshToken)?.generation ?? "not readable";
  } catch (error) {
    if (error instanceof Missed) return "missed";
    throw error;
  }
}

const endingActions = ["session.ended", "sessions.ended", "user.disabled", "password.changed"];

/** What the database says of a family. */
export async function observe(deps: AuthDeps, { sessionId, userId }: Family): Promise<Omit<Result, "answer">> {
  const finding = deps.db
    .select({ session: sessions, status: users.status })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sessionId));
  const readingLines = deps.db
    .select({ reason: audit.reason, action: audit.action, detail: audit.detail })
    .from(audit)
    .where(and(inArray(audit.subject, [sessionId, userId]), inArray(audit.action, endingActions)))
    .orderBy(audit.id);
  const readingRevoked = deps.db
    .select({ kind: outbox.kind })
    .from(outbox)
    .where(inArray(outbox.subject, [sessionId, userId]))
    .orderBy(outbox.id);
  const [[found], lines, revoked] = await Promise.all([finding, readingLines, readingRevoked]);
  if (found === undefined) throw new Error("The family is gone.");
  const { session, status } = found;
  const rotatedAgo = (deps.now() - session.rotatedAt.getTime()) / 1000;
  return {
    row: { generation: session.generation, rotatedAgo, end: session.endReason, status },
    audit: lines.map(({ reason, action, detail }) => `${reason ?? action}${kindIn(detail)}`),
    revoked: revoked.map(({ kind }) => kind),
  };
}

function kindIn(detail: unknown): string {
  return typeof detail === "object" && detail !== null && "kind" in detail ? `: ${String(detail.kind)}` : "";
}
