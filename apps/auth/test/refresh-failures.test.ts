import { Refusal, statusOf } from "@countersign/context";
import type { Database, OpenDatabase } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import type { AuthDeps } from "../src/deps.ts";
import { audit, sessions } from "../src/schema.ts";
import { refresh } from "../src/sessions/refresh.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { setReadOnly } from "./read-only.ts";
import { someone } from "./refresh-family.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "./requests.ts";

const minute = 60;
const running = (generation: number) => ({ generation, endReason: null, ends: [] });

describeDatabases("a refresh that fails on our side", { migrations }, (open, { url }) => {
  let database: OpenDatabase;
  let one: TestAuth;
  let two: TestAuth;
  beforeAll(async () => {
    database = await open();
    one = await openTestAuth(database);
    two = await openTestAuth(database, { now: one.clock.now });
  });

  const renew = ({ app }: TestAuth, { refreshToken }: Tokens) =>
    post(app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const begin = () => registerUser(one.app, someEmail());
  const replica = { same: () => one, other: () => two };

  /** The status of a refresh at the first replica with something else in the place of what it works with. */
  async function failing(parts: Partial<AuthDeps>, { refreshToken }: Tokens): Promise<number> {
    const { deps, chassis } = one.auth;
    try {
      await refresh({ ...deps, ...parts }, { token: refreshToken }, someone);
      return 200;
    } catch (error) {
      return statusOf(chassis.gate.toRefusal(error));
    }
  }
  const withoutKey = (): Partial<AuthDeps> => {
    const signer = () => {
      throw new Refusal("SERVICE_UNAVAILABLE", "No key may sign yet.");
    };
    return { keys: { ...one.auth.deps.keys, signer } };
  };
  const withBrokenKey = (): Partial<AuthDeps> => {
    const { keys } = one.auth.deps;
    const sign = () => {
      throw new Error("The key cannot sign.");
    };
    return { keys: { ...keys, signer: () => ({ ...keys.signer(), sign }) } };
  };
  /** Single statements work and transactions do not: as when the connection is lost after the first statement. */
  const withoutTransactions = (): Partial<AuthDeps> => ({
    db: new Proxy<Database>(database.db, {
      get: (target, name) => (name === "transaction" ? lost : Reflect.get(target, name, target)),
    }),
  });

  async function stateOf({ accessToken }: Tokens) {
    const sessionId = String(claimsOf(accessToken)["sid"]);
    const [row] = await database.db.select().from(sessions).where(eq(sessions.id, sessionId));
    const isEnd = and(eq(audit.subject, sessionId), eq(audit.action, "session.ended"));
    const ends = await database.db.select().from(audit).where(isEnd);
    return { generation: row?.generation, endReason: row?.endReason, ends: ends.map(({ detail }) => detail) };
  }

  it("for want of a key uses nothing up", async () => {
    const begun = await begin();
    expect(await failing(withoutKey(), begun)).toBe(503);
    expect(await stateOf(begun)).toEqual(running(0));
    one.clock.advance(minute);
    expect((await renew(two, begun)).status).toBe(200);
  });

  it.each(["same", "other"] as const)("by a key that cannot sign uses nothing up, at the %s replica", async (which) => {
    const begun = await begin();
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await failing(withBrokenKey(), begun)).toBe(500);
      one.clock.advance(minute);
    }
    await one.auth.deps.failedRefreshes.flush();
    const renewed = tokensOf(await renew(replica[which](), begun));
    expect(await stateOf(begun)).toEqual(running(1));
    expect((await renew(one, renewed)).status).toBe(200);
  });

  it("leaves the ordinary grace once the answer was given, and reuse is found again", async () => {
    const begun = await begin();
    expect(await failing(withBrokenKey(), begun)).toBe(500);
    one.clock.advance(minute);
    const renewed = tokensOf(await renew(one, begun));
    expect(tokensOf(await renew(one, begun)).refreshToken).toBe(renewed.refreshToken);
    one.clock.advance(11);
    expect((await renew(one, begun)).status).toBe(401);
    expect(await stateOf(begun)).toMatchObject({ endReason: "reuse", ends: [{ kind: "late_predecessor" }] });
  });

  it("leaves reuse as it is when the successor was used", async () => {
    const begun = await begin();
    expect(await failing(withBrokenKey(), begun)).toBe(500);
    const renewed = tokensOf(await renew(one, begun));
    expect((await renew(one, renewed)).status).toBe(200);
    expect((await renew(one, begun)).status).toBe(401);
    expect(await stateOf(begun)).toMatchObject({ endReason: "reuse", ends: [{ kind: "older_generation" }] });
  });

  it.each(["same", "other"] as const)(
    "counts a predecessor that came in time and could not be decided about, at the %s replica",
    async (which) => {
      const begun = await begin();
      await renew(one, begun); // this answer is lost
      one.clock.advance(5);
      expect(await failing(withoutTransactions(), begun)).toBe(503);
      one.clock.advance(minute);
      await one.auth.deps.failedRefreshes.flush();
      expect((await renew(replica[which](), begun)).status).toBe(200);
      expect(await stateOf(begun)).toEqual(running(1));
    },
  );

  it("does not count one that came too late, or was never given out, because of a failure", async () => {
    const late = await begin();
    await renew(one, late);
    one.clock.advance(minute);
    expect(await failing(withoutTransactions(), late)).toBe(503);
    await one.auth.deps.failedRefreshes.flush();
    expect((await renew(one, late)).status).toBe(401);
    expect(await stateOf(late)).toMatchObject({ ends: [{ kind: "late_predecessor" }] });
  });

  it("because nothing can be written uses nothing up, and works when that is repaired", async () => {
    const [newest, predecessor] = [await begin(), await begin()];
    await renew(one, predecessor); // this answer is lost
    one.clock.advance(5);
    await setReadOnly(database, url(), true);
    for (let tries = 0; tries < 12; tries += 1) {
      expect((await renew(one, newest)).status).toBe(503);
      one.clock.advance(minute / 4);
    }
    await setReadOnly(database, url(), false);
    await one.auth.deps.failedRefreshes.flush();
    expect((await renew(two, newest)).status).toBe(200);
    expect(await stateOf(newest)).toEqual(running(1));
  });
});

function lost(): Promise<never> {
  return Promise.reject(Object.assign(new Error("The connection was lost."), { code: "ECONNRESET" }));
}
