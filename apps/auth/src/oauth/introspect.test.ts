import { describeDatabases } from "@countersign/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOAuthClient, grantedBy, type OAuthClient, postForm } from "../../test/oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens } from "../../test/requests.ts";
import { disableUser } from "../accounts/change-user.ts";
import { disableService, enableService } from "../services/service-keys.ts";

describeDatabases("introspection", { migrations }, (open) => {
  let test: TestAuth;
  let orders: OAuthClient;
  let products: OAuthClient;
  let inventory: OAuthClient;
  let alice: Tokens;

  beforeAll(async () => {
    test = await openTestAuth(await open());
    orders = await createOAuthClient(test, "orders");
    products = await createOAuthClient(test, "products");
    inventory = await createOAuthClient(test, "inventory");
  });
  beforeEach(async () => {
    alice = await registerUser(test.app, someEmail());
  });

  const ask = (client: OAuthClient, token: string, more: Record<string, string> = {}) =>
    client.post("/oauth/introspect", { token, ...more });
  const own = async () =>
    grantedBy(await products.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" }));

  it("says of each class of token what the token says, to the service that it was sent to", async () => {
    for (const [client, token] of [
      [orders, alice.accessToken],
      [products, alice.accessToken],
      [inventory, await orders.exchange(alice.accessToken, "inventory")],
      [inventory, await own()],
    ] as const) {
      const { status, headers, json } = await ask(client, token);
      expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
      expect(json).toEqual({ active: true, token_type: "Bearer", ...claimsOf(token) });
    }
  });

  it("minds no hint, right or wrong", async () => {
    for (const token_type_hint of ["access_token", "refresh_token", "anything"]) {
      expect((await ask(orders, alice.accessToken, { token_type_hint })).json).toMatchObject({ active: true });
    }
  });

  describe("says no more than inactive of", () => {
    const expectInactive = async (client: OAuthClient, token: string) => {
      const { status, json } = await ask(client, token);
      expect([status, json]).toEqual([200, { active: false }]);
    };

    it("a token that was sent to another service", async () => {
      await expectInactive(inventory, alice.accessToken);
      await expectInactive(orders, await orders.exchange(alice.accessToken, "inventory"));
      await expectInactive(products, await own());
    });

    it("what is no access token", async () => {
      const { client_assertion: assertion = "" } = await orders.proof();
      for (const token of [alice.refreshToken, "garbage", `${alice.accessToken}x`, "x".repeat(9000), assertion]) {
        await expectInactive(orders, token);
      }
    });

    it("a token that is over", async () => {
      test.clock.advance(660);
      await expectInactive(orders, alice.accessToken);
    });

    it("a token of a session that was signed out, and what was exchanged for it", async () => {
      const delegated = await orders.exchange(alice.accessToken, "inventory");
      await post(test.app, "/auth/logout", { json: { refreshToken: alice.refreshToken } });
      await expectInactive(orders, alice.accessToken);
      await expectInactive(inventory, delegated);
    });

    it("a token of a user who was disabled", async () => {
      const from = { requestId: "r", address: "", userAgent: null };
      const delegated = await orders.exchange(alice.accessToken, "inventory");
      await disableUser(test.auth.deps, { userId: alice.user.id, actor: crypto.randomUUID(), from });
      await expectInactive(orders, alice.accessToken);
      await expectInactive(inventory, delegated);
    });

    it("a token of, or through, a service that was disabled", async () => {
      const { db } = test.auth.deps;
      const tokens = [await own(), await products.exchange(alice.accessToken, "inventory")];
      const change = { actor: "test", at: test.clock.now() };
      await disableService(db, "products", change);
      for (const token of tokens) await expectInactive(inventory, token);
      await enableService(db, "products", change);
    });
  });

  it("is for clients that prove themselves, each time anew", async () => {
    const refused = { status: 401, json: { error: "invalid_client" } };
    const token = alice.accessToken;
    for (const body of [{ token }, { token, client_id: "orders" }, { token, client_id: "countersign-web" }]) {
      expect(await postForm(test, "/oauth/introspect", { body })).toMatchObject(refused);
    }
    const authorization = `Bearer ${token}`;
    expect(await postForm(test, "/oauth/introspect", { body: { token }, headers: { authorization } })).toMatchObject(
      refused,
    );
    const proof = await orders.proof();
    const once = { ...proof, token };
    expect(await postForm(test, "/oauth/introspect", { body: once })).toMatchObject({ status: 200 });
    expect(await postForm(test, "/oauth/introspect", { body: once })).toMatchObject(refused);
    expect(
      await postForm(test, "/oauth/token", { body: { ...proof, grant_type: "client_credentials" } }),
    ).toMatchObject(refused);
  });

  it("wants a token", async () => {
    const refused = { status: 400, json: { error: "invalid_request" } };
    expect(await orders.post("/oauth/introspect", {})).toMatchObject(refused);
    expect(await ask(orders, "")).toMatchObject(refused);
  });
});
