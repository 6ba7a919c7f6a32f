import { describeDatabases } from "@countersign/testing";
import type { DelegatedClaims } from "@countersign/tokens";
import { and, desc, eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createOAuthClient,
  exchangeFields,
  grantedBy,
  type OAuthAnswer,
  type OAuthClient,
  postForm,
  signDelegated,
} from "../../test/oauth-client.ts";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens } from "../../test/requests.ts";
import { setRoles } from "../accounts/change-user.ts";

import { audit } from "../schema.ts";

import { verifyToken } from "../sessions/verify-token.ts";

const administrator = {
  actor: "3f0c0f3e-0000-4000-8000-000000000000",
  from: { requestId: "r", address: "", userAgent: null },
};

describeDatabases("token exchange", { migrations }, (open) => {
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

  const ask = (client: OAuthClient, token: string, changes: Record<string, string> = {}) =>
    client.post("/oauth/token", { ...exchangeFields(token, "inventory"), ...changes });
  const refusal = (error: string) => ({ error, error_description: expect.any(String) });
  const expectRefused = ({ status, json }: OAuthAnswer, error: string, expected = 400) =>
    expect([status, json]).toEqual([expected, refusal(error)]);

  const delegated = (changes: Partial<DelegatedClaims> = {}) => signDelegated(test, alice.accessToken, changes);

  it("gives a token for one service, in the name of the user, that says who calls", async () => {
    const { status, headers, json } = await ask(orders, alice.accessToken);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(json).toEqual({
      access_token: expect.any(String),
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      expires_in: 119, // dated a second back
    });
    const subject = claimsOf(alice.accessToken);
    const claims = claimsOf(grantedBy({ json }));
    expect(claims).toEqual({
      iss: publicUrl,
      sub: alice.user.id,
      aud: "inventory",
      jti: expect.any(String),
      client_id: "orders",
      iat: expect.any(Number),
      exp: Number(claims["iat"]) + 120,
      token_class: "delegated",
      sid: subject["sid"],
      auth_time: subject["auth_time"],
      roles: ["user"],
      permissions: ["orders:place", "orders:read", "orders:cancel"],
      exchanged_from: [subject["jti"]],
      act: { sub: "orders" },
    });
    const verified = await verifyToken(test.auth.deps, { token: grantedBy({ json }), audience: "inventory" });
    expect(verified).toMatchObject({ valid: true, user: { id: alice.user.id }, service: { name: "orders" } });
  });

  it("nests the callers before, and cuts the rights once more at each", async () => {
    const first = await delegated();
    const claims = claimsOf(await orders.exchange(first, "inventory"));
    expect(claims["act"]).toEqual({ sub: "orders", act: { sub: "products" } });
    expect([claims["roles"], claims["permissions"]]).toEqual([[], ["orders:read"]]);
    const written = await delegated({ permissions: ["products:write"], roles: ["admin"] });
    expect(claimsOf(await orders.exchange(written, "inventory"))).toMatchObject({ roles: [], permissions: [] });
  });

  it("passes on of an administrator's rights only what the caller declares", async () => {
    await setRoles(test.auth.deps, ["user", "admin"], { userId: alice.user.id, ...administrator });
    const { body } = await post(test.app, "/auth/refresh", {
      json: { refreshToken: alice.refreshToken, mode: "bearer" },
    });
    const { accessToken } = Object(body);
    expect(claimsOf(await products.exchange(String(accessToken), "inventory"))).toMatchObject({
      roles: [],
      permissions: ["products:write"],
    });
  });

  it("lives no longer than the subject token, and not at all when that is over", async () => {
    const left = Number(claimsOf(alice.accessToken)["exp"]) - Math.floor(test.clock.now() / 1000);
    test.clock.advance(left - 7);
    const { json } = await ask(orders, alice.accessToken);
    expect(json).toMatchObject({ expires_in: 7 });
    expect(claimsOf(grantedBy({ json }))["exp"]).toBe(claimsOf(alice.accessToken)["exp"]);
    for (const seconds of [7, 2, 60]) {
      test.clock.advance(seconds); // first within what is allowed for clocks that differ
      expectRefused(await ask(orders, alice.accessToken), "invalid_request");
    }
  });

  it("is named by a resource too, and takes the one type that it gives", async () => {
    const { audience: _, ...fields } = exchangeFields(alice.accessToken, "");
    const answer = await orders.post("/oauth/token", {
      ...fields,
      resource: `${publicUrl}/trpc/products`,
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    expect(claimsOf(grantedBy(answer))["aud"]).toBe("products");
  });

  it("writes down who acts for whom, towards whom, and which token it gave", async () => {
    const token = await orders.exchange(alice.accessToken, "inventory");
    const isAlices = and(eq(audit.action, "token.exchanged"), eq(audit.subject, alice.user.id));
    const [line] = await test.auth.deps.db.select().from(audit).where(isAlices).orderBy(desc(audit.id));
    const { jti, sid } = claimsOf(token);
    const from = claimsOf(alice.accessToken)["jti"];
    expect(line).toMatchObject({
      outcome: "allowed",
      actor: "orders",
      detail: { audience: "inventory", jti, from, sessionId: sid, chain: ["orders"] },
    });
    expect(JSON.stringify(line)).not.toContain(token);
  });

  describe("refuses", () => {
    it("a token that was not sent to the caller: no service uses what it found elsewhere", async () => {
      expectRefused(await ask(inventory, alice.accessToken, { audience: "auth" }), "invalid_request");
      const forInventory = await orders.exchange(alice.accessToken, "inventory");
      expectRefused(await ask(orders, forInventory), "invalid_request");
      expectRefused(await ask(products, await delegated()), "invalid_request");
    });

    it("a service's own token: nobody stands behind it", async () => {
      const own = grantedBy(
        await products.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" }),
      );
      expectRefused(await ask(inventory, own, { audience: "auth" }), "invalid_request");
    });

    it("a callee that the policy does not let the caller call", async () => {
      expectRefused(await ask(orders, alice.accessToken, { audience: "orders" }), "invalid_target");
      expectRefused(await ask(products, alice.accessToken, { audience: "orders" }), "invalid_target");
      expectRefused(await ask(orders, alice.accessToken, { audience: "nowhere" }), "invalid_target");
      expectRefused(await ask(orders, alice.accessToken, { audience: "" }), "invalid_target");
    });

    it("a chain that is too long, for which no user's token is to blame", async () => {
      const version = 0;
      const two = { subject: "auth", version, actor: { subject: "inventory", version } };
      const three = { subject: "products", version, actor: two };
      const four = { subject: "products", version, actor: three };
      const act = { sub: "products", act: { sub: "auth", act: { sub: "inventory" } } };
      expect(claimsOf(await orders.exchange(await delegated({ actor: three }), "inventory"))["act"]).toEqual({
        sub: "orders",
        act,
      });
      expectRefused(await ask(orders, await delegated({ actor: four })), "invalid_target");
    });

    it.each([
      { actor_token: "somebody" },
      { actor_token_type: "urn:ietf:params:oauth:token-type:jwt" },
      { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
      { subject_token_type: "urn:ietf:params:oauth:token-type:jwt" },
      { subject_token_type: "" },
      { subject_token: "" },
      { subject_token: "garbage" },
    ])("%j", async (changes) => {
      expectRefused(await ask(orders, alice.accessToken, changes), "invalid_request");
    });

    it("a scope: there are none", async () => {
      expectRefused(await ask(orders, alice.accessToken, { scope: "orders:read" }), "invalid_scope");
    });

    it("a refresh token, and a token of another issuer or key", async () => {
      expectRefused(await ask(orders, alice.refreshToken), "invalid_request");
      expectRefused(await ask(orders, await delegated({ issuer: "https://elsewhere.example" })), "invalid_request");
      const [head, payload, signature = ""] = alice.accessToken.split(".");
      const forged = `${head}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
      expectRefused(await ask(orders, forged), "invalid_request");
    });

    it("an assertion that was used, also in a request that failed", async () => {
      const proof = await orders.proof();
      const fields = { ...proof, ...exchangeFields(alice.accessToken, "nowhere") };
      expectRefused(await postForm(test, "/oauth/token", { body: fields }), "invalid_target");
      const again = { ...proof, ...exchangeFields(alice.accessToken, "inventory") };
      expectRefused(await postForm(test, "/oauth/token", { body: again }), "invalid_client", 401);
    });
  });

  it("dates no token before the user's own, so that it is not revoked with older ones", async () => {
    await setRoles(test.auth.deps, ["user", "admin"], { userId: alice.user.id, ...administrator });
    const { body } = await post(test.app, "/auth/refresh", {
      json: { refreshToken: alice.refreshToken, mode: "bearer" },
    });
    const token = await orders.exchange(String(Object(body).accessToken), "inventory");
    expect(await verifyToken(test.auth.deps, { token })).toMatchObject({ valid: true });
  });
});
