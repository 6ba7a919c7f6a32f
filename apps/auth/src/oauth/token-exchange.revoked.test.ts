import { describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createOAuthClient,
  exchangeFields,
  type OAuthAnswer,
  type OAuthClient,
  signDelegated,
} from "../../test/oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens } from "../../test/requests.ts";
import { disableUser, setRoles } from "../accounts/change-user.ts";
import { recordRevocation } from "../revocations/outbox.ts";
import { users } from "../schema.ts";
import { disableService, enableService, retireOldKeys } from "../services/service-keys.ts";
import { signOutEverywhere } from "../sessions/sign-out.ts";

const administrator = {
  actor: "3f0c0f3e-0000-4000-8000-000000000000",
  from: { requestId: "r", address: "", userAgent: null },
};

describeDatabases("token exchange after a revocation", { migrations }, (open) => {
  let test: TestAuth;
  let orders: OAuthClient;
  let products: OAuthClient;
  let alice: Tokens;

  beforeAll(async () => {
    test = await openTestAuth(await open());
    orders = await createOAuthClient(test, "orders");
    products = await createOAuthClient(test, "products");
  });
  beforeEach(async () => {
    alice = await registerUser(test.app, someEmail());
  });

  const ask = (client: OAuthClient, token: string, changes: Record<string, string> = {}) =>
    client.post("/oauth/token", { ...exchangeFields(token, "inventory"), ...changes });
  const expectRefused = ({ status, json }: OAuthAnswer, error: string, expected = 400) =>
    expect([status, json]).toEqual([expected, { error, error_description: expect.any(String) }]);
  const delegated = () => signDelegated(test, alice.accessToken);

  describe("refuses", () => {
    it("the token of a session that was signed out, also when only a service holds it", async () => {
      const held = await delegated();
      await post(test.app, "/auth/logout", { json: { refreshToken: alice.refreshToken } });
      expectRefused(await ask(orders, alice.accessToken), "invalid_request");
      expectRefused(await ask(orders, held), "invalid_request");
    });

    it("the token of a user who signed out everywhere, was disabled, or lost a role", async () => {
      const { deps } = test.auth;
      const change = { userId: alice.user.id, ...administrator };
      const changes = [
        () => signOutEverywhere(deps, alice.user.id, administrator.from),
        () => disableUser(deps, change),
        () => setRoles(deps, ["admin"], change),
      ];
      for (const apply of changes) {
        alice = await registerUser(test.app, someEmail());
        change.userId = alice.user.id;
        await apply();
        expectRefused(await ask(orders, alice.accessToken), "invalid_request");
      }
    });

    it("a token that was itself revoked, while the session goes on", async () => {
      const { db } = test.auth.deps;
      const held = await delegated();
      const subject = String(claimsOf(alice.accessToken)["jti"]);
      await recordRevocation(db, { kind: "token", subject, now: test.clock.now() });
      expectRefused(await ask(orders, alice.accessToken), "invalid_request");
      expect((await ask(orders, held)).status).toBe(200);
    });

    it("whatever a disabled service asks, and what came through it", async () => {
      const { db } = test.auth.deps;
      const through = await delegated();
      const change = () => ({ actor: "test", at: test.clock.now() });
      await disableService(db, "products", change());
      expectRefused(await ask(products, alice.accessToken), "invalid_client", 401);
      expectRefused(await ask(products, alice.accessToken, { audience: "nowhere" }), "invalid_client", 401);
      expectRefused(await ask(orders, through), "invalid_request");
      expect((await ask(orders, alice.accessToken)).status).toBe(200);
      await enableService(db, "products", change());
    });

    it("the tokens of a service that was disabled by a clock behind ours", async () => {
      const { db } = test.auth.deps;
      const through = await delegated();
      await disableService(db, "products", { actor: "test", at: test.clock.now() - 4_000 });
      expectRefused(await ask(orders, through), "invalid_request");
      await enableService(db, "products", { actor: "test", at: test.clock.now() });
    });

    it("a key that was ended, though this process holds it in memory", async () => {
      const { db } = test.auth.deps;
      const change = { actor: "test", at: test.clock.now() };
      const old = await createOAuthClient(test, "products");
      expect((await ask(old, alice.accessToken)).status).toBe(200);
      test.clock.advance(1);
      products = await createOAuthClient(test, "products");
      await retireOldKeys(db, "products", { ...change, keep: 1 });
      expectRefused(await ask(old, alice.accessToken), "invalid_client", 401);
      expect((await ask(products, alice.accessToken)).status).toBe(200);
    });

    it("the token of a user whose account was disabled behind our back", async () => {
      const { db } = test.auth.deps;
      await db.update(users).set({ status: "disabled" }).where(eq(users.id, alice.user.id));
      expectRefused(await ask(orders, alice.accessToken), "invalid_request");
    });
  });
});
