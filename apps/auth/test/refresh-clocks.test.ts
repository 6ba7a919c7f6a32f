import { createInProcessBus } from "@countersign/events";
import { describeDatabases, describePostgres } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { sessions } from "../src/schema.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "./requests.ts";

const renew = ({ app }: TestAuth, { refreshToken }: Tokens) =>
  post(app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
const meStatus = async ({ app }: TestAuth, { accessToken }: Tokens) =>
  (await app.request("/trpc/me", { headers: { authorization: `Bearer ${accessToken}` } })).status;
const numbers = ({ accessToken }: Tokens) => {
  const { iat, exp, auth_time: began } = claimsOf(accessToken);
  return { iat: Number(iat), exp: Number(exp), began: Number(began) };
};

describeDatabases("two replicas whose clocks differ", { migrations }, (open) => {
  let right: TestAuth;
  let wrong: TestAuth;
  let ahead = 0;
  beforeAll(async () => {
    const database = await open();
    const bus = createInProcessBus({ now: Date.now, retentionMs: 20 * 60_000 });
    const common = { bus, insecureSharedSecrets: [new Uint8Array(32).fill(1)] }; // no key has to be old enough
    right = await openTestAuth(database, common);
    wrong = await openTestAuth(database, { ...common, now: () => right.clock.now() + ahead * 1000 });
  });

  const both = [-5, -3, 3, 5].flatMap((seconds) => [
    { seconds, from: "right", to: "wrong" } as const,
    { seconds, from: "wrong", to: "right" } as const,
  ]);

  it.each(both)(
    "by $seconds s: a session of the $from one is renewed at the $to one",
    async ({ seconds, from, to }) => {
      ahead = seconds;
      const replicas = { right, wrong };
      const begun = await registerUser(replicas[from].app, someEmail());
      const renewed = tokensOf(await renew(replicas[to], begun));
      const { iat, exp, began } = numbers(renewed);
      expect([iat >= began, exp > iat, renewed.expiresIn > 500]).toEqual([true, true, true]);
      expect([await meStatus(right, renewed), await meStatus(wrong, renewed)]).toEqual([200, 200]);
      expect((await renew(replicas[from], renewed)).status).toBe(200);
    },
  );

  it.each(both)(
    "by $seconds s: an answer of the $from one that is lost comes again from the $to one",
    async (clocks) => {
      ahead = clocks.seconds;
      const replicas = { right, wrong };
      const begun = await registerUser(right.app, someEmail());
      const lost = tokensOf(await renew(replicas[clocks.from], begun));
      right.clock.advance(9);
      expect(tokensOf(await renew(replicas[clocks.to], begun)).refreshToken).toBe(lost.refreshToken);
      right.clock.advance(16);
      expect((await renew(replicas[clocks.to], begun)).status).toBe(401);
    },
  );

  it.each([3600, -3600])("by %s s: sessions go on, and answers that are lost come again", async (seconds) => {
    ahead = seconds;
    const [early, late] = [await registerUser(right.app, someEmail()), await registerUser(wrong.app, someEmail())];
    for (const [test, begun] of [
      [wrong, early],
      [right, late],
    ] as const) {
      const renewed = tokensOf(await renew(test, begun));
      expect(await meStatus(test, renewed)).toBe(200);
      expect(numbers(renewed).iat).toBeLessThanOrEqual(test.auth.deps.now() / 1000 + 5);
      expect(tokensOf(await renew(test, begun)).refreshToken).toBe(renewed.refreshToken);
    }
  });
});

describePostgres("a refresh that waits for a locked table", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  type Lock = {
    readonly statement?: string;
    readonly seconds: number;
    readonly really: number;
    readonly again: boolean;
  };

  const table = "lock table auth.sessions in access exclusive mode";

  /** Sends a refresh while `sessions` is locked, or what the statement locks, for so many seconds of the service and milliseconds of the database. */
  async function whileLocked(begun: Tokens, { statement = table, seconds, really, again }: Lock) {
    const { db } = test.auth.deps;
    const locked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = db.transaction(async (tx) => {
      await tx.execute(statement);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const answers = [renew(test, begun)];
    await new Promise((resolve) => setTimeout(resolve, really));
    test.clock.advance(seconds);
    if (again) answers.push(renew(test, begun));
    await new Promise((resolve) => setTimeout(resolve, 50));
    release.resolve();
    await holding;
    return await Promise.all(answers);
  }
  const generationOf = async (tokens: Tokens) => {
    const isSession = eq(sessions.id, String(claimsOf(tokens.accessToken)["sid"]));
    const [row] = await test.auth.deps.db.select().from(sessions).where(isSession);
    return { generation: row?.generation, endReason: row?.endReason };
  };

  it("dates the rotation when it is done: an answer that is lost comes again", async () => {
    const begun = await registerUser(test.app, someEmail());
    const answers = await whileLocked(begun, { seconds: 12, really: 50, again: true });
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map((answer) => tokensOf(answer).refreshToken)).size).toBe(1);
    test.clock.advance(9);
    expect((await renew(test, begun)).status).toBe(200);
    expect(await generationOf(begun)).toEqual({ generation: 1, endReason: null });
  });

  it.each([
    ["the table", table],
    ["its user", "select from auth.users for update"],
  ])("does not rotate when %s was locked for long, and says so with the same token", async (_, statement) => {
    const begun = await registerUser(test.app, someEmail());
    const [first] = await whileLocked(begun, { statement, seconds: 12, really: 3_100, again: false });
    expect(first).toMatchObject({ status: 200, body: { refreshToken: begun.refreshToken } });
    test.clock.advance(60);
    expect((await renew(test, begun)).status).toBe(200);
    expect(await generationOf(begun)).toEqual({ generation: 1, endReason: null });
  });
});
