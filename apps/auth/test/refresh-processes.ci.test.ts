import { describePostgres } from "@countersign/testing";
import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { audit, sessions } from "../src/schema.ts";
import { migrations, someEmail } from "./open-test-auth.ts";
import { claimsOf, type Tokens, tokensOf } from "./requests.ts";
import { type AuthProcess, startAuthProcess } from "./start-auth-process.ts";

const requests = 50;
const rounds = 3;

describePostgres("two processes of auth on one database", { migrations }, (open, url) => {
  let processes: readonly AuthProcess[];
  beforeAll(async () => {
    processes = await Promise.all([startAuthProcess(url()), startAuthProcess(url())]);
  });
  afterAll(() => Promise.all(processes.map((one) => one.stop())));

  const at = (index: number): string => processes[index % processes.length]?.url ?? "";

  it(`${requests} parallel refreshes give one successor, ${rounds} times in a row`, async () => {
    let newest = tokensOf(await send(at(0), "register", { email: someEmail(), password: "correct horse" }));
    const sessionId = String(claimsOf(newest.accessToken)["sid"]);
    for (let round = 1; round <= rounds; round += 1) {
      const { refreshToken } = newest;
      const answers = await Promise.all(
        Array.from({ length: requests }, (_, index) => send(at(index), "refresh", { refreshToken })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array<number>(requests).fill(200));
      const given = answers.map(tokensOf);
      expect(new Set(given.map((one) => one.refreshToken)).size).toBe(1);
      expect(new Set(given.map((one) => claimsOf(one.accessToken)["jti"])).size).toBe(requests);
      newest = given[0] ?? newest;
      expect(await generationOf(sessionId)).toEqual({ generation: round, endReason: null });
    }
  });

  it("reuse that one finds is refused by the other at once, and written down once", async () => {
    const first = tokensOf(await send(at(0), "register", { email: someEmail(), password: "correct horse" }));
    const second = tokensOf(await send(at(1), "refresh", { refreshToken: first.refreshToken }));
    const third = tokensOf(await send(at(0), "refresh", { refreshToken: second.refreshToken }));
    const reuse = await Promise.all(
      Array.from({ length: 10 }, (_, index) => send(at(index), "refresh", { refreshToken: first.refreshToken })),
    );
    expect(new Set(reuse.map(({ status }) => status))).toEqual(new Set([401]));
    for (const { url: origin } of processes) {
      expect((await send(origin, "refresh", { refreshToken: third.refreshToken })).status).toBe(401);
      await expect.poll(() => meStatus(origin, third), { timeout: 5_000 }).toBe(401);
    }
    const sessionId = String(claimsOf(first.accessToken)["sid"]);
    const { db } = await open();
    const lines = await db.select().from(audit).where(eq(audit.subject, sessionId)).orderBy(desc(audit.id));
    const ended = lines.filter(({ action }) => action === "session.ended");
    expect(ended.map(({ detail }) => detail)).toMatchObject([{ kind: "older_generation" }]);
  });

  async function generationOf(sessionId: string): Promise<unknown> {
    const { db } = await open();
    const columns = { generation: sessions.generation, endReason: sessions.endReason };
    return (await db.select(columns).from(sessions).where(eq(sessions.id, sessionId)))[0];
  }
});

async function send(origin: string, path: string, input: object): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ ...input, mode: "bearer" });
  const response = await fetch(`${origin}/auth/${path}`, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

async function meStatus(origin: string, { accessToken }: Tokens): Promise<number> {
  const response = await fetch(`${origin}/trpc/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  await response.body?.cancel();
  return response.status;
}
