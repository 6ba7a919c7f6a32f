import { createMemoryStore, type LimitSize } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { audit } from "../src/schema.ts";
import { createOAuthClient, exchangeFields, grantedBy, type OAuthAnswer, type OAuthClient } from "./oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { registerUser } from "./requests.ts";

const few = (calls: number): LimitSize => ({ calls, perSeconds: 60 });

describeDatabases("one service that fills the audit log", { migrations }, (open) => {
  let test: TestAuth;
  let orders: OAuthClient;
  let products: OAuthClient;
  beforeAll(async () => {
    const sizes = new Map([
      ["auth.issue/service", few(3)],
      ["auth.exchange/user", few(3)],
      ["auth.exchange/service", few(5)],
      ["auth.revocation/service", few(2)],
    ]);
    test = await openTestAuth(await open(), { limits: { store: createMemoryStore(), sizes } });
    [orders, products] = [await createOAuthClient(test, "orders"), await createOAuthClient(test, "products")];
  });

  const issue = (client: OAuthClient, changes = {}) =>
    client.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory", ...changes });
  const exchange = (client: OAuthClient, token: string) =>
    client.post("/oauth/token", exchangeFields(token, "inventory"));
  const statuses = (answers: readonly OAuthAnswer[]) => answers.map(({ status }) => status);
  const times = async (count: number, work: () => Promise<OAuthAnswer>) => {
    const answers: OAuthAnswer[] = [];
    while (answers.length < count) answers.push(await work());
    return answers;
  };
  const written = async (action: "token.issued" | "token.exchanged" | "token.revoked") => {
    const isMeant = and(eq(audit.action, action), eq(audit.actor, "orders"), eq(audit.outcome, "allowed"));
    return (await test.auth.deps.db.select({ id: audit.id }).from(audit).where(isMeant)).length;
  };

  it("has so many tokens of its own; what leaves no row does not count, and another service has its own count", async () => {
    const refused = await times(4, () => issue(orders, { audience: "orders" }));
    expect(statuses(refused)).toEqual([400, 400, 400, 400]);
    const { client_assertion = "" } = await orders.proof();
    const replayed = await times(4, () => issue(orders, { client_assertion }));
    expect(statuses(replayed)).toEqual([200, 401, 401, 401]);
    const answers = await times(4, () => issue(orders));
    expect(statuses(answers)).toEqual([200, 200, 429, 429]);
    expect(answers.at(-1)?.json).toMatchObject({ error: "temporarily_unavailable" });
    expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await written("token.issued")).toBe(3);
    expect((await issue(products)).status).toBe(200);
  });

  it("is told that it is not known, whatever it has used up", async () => {
    const proof = { ...(await orders.proof()), client_assertion: "x.y.z" };
    expect(statuses(await times(2, () => issue(orders, proof)))).toEqual([401, 401]);
  });

  it("has so many tokens for one user, and for all of them", async () => {
    const [alice, bob] = [await registerUser(test.app, someEmail()), await registerUser(test.app, someEmail())];
    expect(statuses(await times(4, () => exchange(orders, "no token")))).toEqual([400, 400, 400, 400]);
    expect(statuses(await times(4, () => exchange(orders, alice.accessToken)))).toEqual([200, 200, 200, 429]);
    expect(statuses(await times(3, () => exchange(orders, bob.accessToken)))).toEqual([200, 200, 429]);
    expect(await written("token.exchanged")).toBe(5);
    expect((await exchange(products, alice.accessToken)).status).toBe(200);
  });

  it("revokes so many", async () => {
    const carol = await registerUser(test.app, someEmail());
    const tokens = await times(3, () => exchange(products, carol.accessToken));
    const answers: OAuthAnswer[] = [];
    for (const token of tokens.map(grantedBy)) answers.push(await products.post("/oauth/revoke", { token }));
    expect(statuses(answers)).toEqual([200, 200, 429]);
  });

  it("leaves nothing uncounted, and none of it to a user", async () => {
    await test.auth.chassis.feed.close(); // publishes what is counted, before its minute is over
    const isMeant = and(eq(audit.action, "call.denied"), eq(audit.reason, "rate_limited"));
    const counted = async () => {
      const rows = await test.auth.deps.db.select().from(audit).where(isMeant).orderBy(audit.id);
      const sums: Record<string, number> = {};
      for (const { actor, subject, detail } of rows) {
        const { count } = Object(detail);
        sums[`${actor} ${subject}`] = (sums[`${actor} ${subject}`] ?? 0) + Number(count);
      }
      return sums;
    };
    await expect
      .poll(counted)
      .toEqual({ "orders token.issued": 2, "orders token.exchanged": 2, "products token.revoked": 1 });
  });
});
