import { type OpenDatabase, openDatabase } from "@countersign/database";
import { describeDatabases, describePostgres } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { registerUser } from "../../test/requests.ts";
import { audit, sessions, users } from "../schema.ts";
import { startSession } from "./start-session.ts";

const from = { requestId: "request-1", address: "192.0.2.7", userAgent: "test" };

describeDatabases("startSession", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  it("writes the session and its line in the audit log", async () => {
    const { deps } = test.auth;
    const { userId, passwordHash } = await proved(test);
    const at = test.clock.now();
    const session = await startSession(deps.db, deps, { userId, passwordHash, at, from });
    const sessionId = session?.sessionId ?? "";
    expect(session).toMatchObject({
      generation: 0,
      authenticatedAt: new Date(at),
      user: { id: userId, roles: ["user"] },
    });
    const [row] = await deps.db.select().from(sessions).where(eq(sessions.id, sessionId));
    const moment = new Date(at);
    expect(row).toMatchObject({
      userId,
      generation: 0,
      rotatedAt: moment,
      createdAt: moment,
      lastUsedAt: moment,
      authenticatedAt: moment,
      idleExpiresAt: session?.idleExpiresAt,
      absoluteExpiresAt: session?.absoluteExpiresAt,
      endedAt: null,
      userAgent: "test",
      address: "192.0.2.7",
    });
    const lines = await deps.db.select().from(audit).where(eq(audit.subject, sessionId));
    expect(lines).toMatchObject([
      { action: "session.started", outcome: "allowed", actor: userId, requestId: "request-1", at: moment, detail: {} },
    ]);
  });

  it("writes neither for a user who was disabled, or whose password changed, since the proof", async () => {
    const { deps } = test.auth;
    const { userId, passwordHash } = await proved(test);
    const wanted = { userId, passwordHash, at: test.clock.now(), from: { ...from, requestId: "request-2" } };
    expect(await startSession(deps.db, deps, { ...wanted, passwordHash: "another" })).toBeNull();
    await deps.db.update(users).set({ status: "disabled" }).where(eq(users.id, userId));
    expect(await startSession(deps.db, deps, wanted)).toBeNull();
    expect(await deps.db.select().from(audit).where(eq(audit.requestId, "request-2"))).toEqual([]);
    expect(await deps.db.select().from(sessions).where(eq(sessions.userId, userId))).toHaveLength(1);
  });
});

describePostgres("startSession beside a change of the account", { migrations }, (open, url) => {
  it.each([{ passwordHash: "another" }, { status: "disabled" } as const])(
    "waits, and starts nothing: %o",
    async (change) => {
      const { started, count } = await meanwhile(change);
      expect(started).toBeNull();
      expect(count).toBe(1);
    },
  );

  it("waits for new roles, and gives those", async () => {
    const { started, count } = await meanwhile({ roles: ["admin"] });
    expect(started?.user.roles).toEqual(["admin"]);
    expect(count).toBe(2);
  });

  /** What a start comes to that begins before a change of its user commits, and how many sessions there are then. */
  async function meanwhile(change: Partial<typeof users.$inferInsert>) {
    const test = await openTestAuth(await open());
    const there = await openDatabase(url());
    try {
      const { deps } = test.auth;
      const { userId, passwordHash } = await proved(test);
      const { waiting } = await there.db.transaction(async (tx) => {
        await tx.update(users).set(change).where(eq(users.id, userId));
        const starting = startSession(deps.db, deps, { userId, passwordHash, at: test.clock.now(), from });
        await untilSomeoneWaits(there);
        return { waiting: starting };
      });
      const started = await waiting;
      return { started, count: await deps.db.$count(sessions, eq(sessions.userId, userId)) };
    } finally {
      await there.close();
    }
  }
});

/** Somebody new, as a sign-in that has just checked the password has them. */
async function proved({ app, auth }: TestAuth): Promise<{ userId: string; passwordHash: string }> {
  const { user } = await registerUser(app, someEmail(), "correct horse");
  const [row] = await auth.deps.db.select().from(users).where(eq(users.id, user.id));
  return { userId: user.id, passwordHash: row?.passwordHash ?? "" };
}

async function untilSomeoneWaits(database: OpenDatabase): Promise<void> {
  const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await expect.poll(() => database.query(waiting)).toHaveLength(1);
}
