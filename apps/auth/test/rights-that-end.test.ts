import { callProcedure, createFakeClock, describeDatabases } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { disableUser, setRoles } from "../src/accounts/change-user.ts";
import { seedUsers } from "../src/seed.ts";
import { disableService, enableService } from "../src/services/service-keys.ts";
import { createOAuthClient, grantedBy } from "./oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "./requests.ts";
import { standsAt } from "./stands-at.ts";

const from = { requestId: "test-request", address: "192.0.2.1", userAgent: null };
const actor = "00000000-0000-4000-8000-000000000099";

/** The clock of the auth service stands in all of this: whatever happens, happens within one second. */
describeDatabases("what ends within the second in which it began", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    await seedUsers(test.auth, [{ email: someEmail(), password: "correct horse", roles: ["admin"] }]);
  });

  const login = async (email: string, at: TestAuth = test) =>
    tokensOf(await post(at.app, "/auth/login", { json: { email, password: "correct horse", mode: "bearer" } }));
  const renew = async ({ refreshToken }: Tokens, at: TestAuth = test) =>
    await post(at.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const change = (userId: string) => ({ userId, actor, from });
  /** At a service, at a `live` procedure, and for whoever asks auth. */
  async function worth(tokens: Tokens): Promise<readonly boolean[]> {
    const token = tokens.accessToken;
    const me = await callProcedure(test.app, "me", { type: "query", token });
    const { body } = await post(test.app, "/auth/verify", { json: { token } });
    return [me.status === 200, await standsAt(test, tokens), Object(body).valid];
  }
  const dead = [false, false, false];
  const alive = [true, true, true];

  it("a role that was given and taken away", async () => {
    const user = await registerUser(test.app, someEmail());
    await setRoles(test.auth.deps, ["user", "admin"], change(user.user.id));
    const admin = tokensOf(await renew(user));
    expect(await worth(admin)).toEqual(alive);
    await setRoles(test.auth.deps, ["user"], change(user.user.id));
    expect(await worth(admin)).toEqual(dead);
    const again = await renew(admin);
    expect(await worth(tokensOf(again))).toEqual(alive);
  });

  it("an account that is disabled while its page refreshes", async () => {
    const user = await registerUser(test.app, someEmail());
    await setRoles(test.auth.deps, ["user", "admin"], change(user.user.id));
    const [refreshed] = await Promise.all([renew(user), disableUser(test.auth.deps, change(user.user.id))]);
    if (refreshed.status === 200) expect(await worth(tokensOf(refreshed))).toEqual(dead);
    expect((await renew(user)).status).toBe(401);
  });

  it("two sign-ins between two sign-outs everywhere", async () => {
    const { user, accessToken } = await registerUser(test.app, someEmail());
    const everywhere = (token: string) => callProcedure(test.app, "logoutEverywhere", { type: "mutation", token });
    expect((await everywhere(accessToken)).status).toBe(200);
    const [first, second] = [await login(user.email), await login(user.email)];
    expect([await worth(first), await worth(second)]).toEqual([alive, alive]);
    expect((await everywhere(first.accessToken)).status).toBe(200);
    expect([await worth(first), await worth(second)]).toEqual([dead, dead]);
    expect(await worth(await login(user.email))).toEqual(alive);
  });

  it("a service that is disabled and enabled again: its tokens from before, and none from after", async () => {
    const { db } = test.auth.deps;
    const orders = await createOAuthClient(test, "orders");
    const fields = { grant_type: "client_credentials", audience: "auth" };
    const tokenOfOrders = async () => grantedBy(await orders.post("/oauth/token", fields));
    const standing = async (token: string) => {
      const { body } = await post(test.app, "/auth/verify", { json: { token } });
      const listed = await callProcedure(test.app, "tokens.isLive", { type: "query", token, input: nobody });
      return [Object(body).valid, listed.status];
    };
    const before = await tokenOfOrders();
    expect(await standing(before)).toEqual([true, 200]);
    const by = { actor: "test", at: test.clock.now() };
    expect(await disableService(db, "orders", by)).toBe(true);
    await test.auth.deps.relay.flush();
    expect(await standing(before)).toEqual([false, 401]);
    await enableService(db, "orders", by);
    expect(await standing(before)).toEqual([false, 401]);
    expect(await standing(await tokenOfOrders())).toEqual([true, 200]);
  });
});

const nobody = { tokenId: "none", exchangedFrom: [], user: null, services: [] };

describeDatabases("two replicas whose clocks differ", { migrations }, (open) => {
  describe.each([3_000, -3_000])("by %s ms", (differs) => {
    it("end each other's tokens", async () => {
      const database = await open();
      const one = await openTestAuth(database);
      one.clock.advance(60); // the signing key is older than the difference
      const clock = createFakeClock(one.clock.now());
      const other = await openTestAuth(database, { now: () => clock.now() + differs, bus: one.bus });
      const user = await registerUser(other.app, someEmail());
      expect(await standsAt(one, user)).toBe(true);
      const { accessToken: token } = user;
      expect((await callProcedure(one.app, "logoutEverywhere", { type: "mutation", token })).status).toBe(200);
      expect((await callProcedure(other.app, "me", { type: "query", token })).status).toBe(401);
      expect([await standsAt(one, user), await standsAt(other, user)]).toEqual([false, false]);
    });
  });
});
