import type { ServiceName } from "@countersign/access";
import { describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
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
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { audit, outbox } from "../schema.ts";
import { verifyToken } from "../sessions/verify-token.ts";

describeDatabases("revocation", { migrations }, (open) => {
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

  const asUser = (token: string, more: Record<string, string> = {}) =>
    postForm(test, "/oauth/revoke", { body: { client_id: "countersign-web", token, ...more } });
  const as = (client: OAuthClient, token: string) => client.post("/oauth/revoke", { token });
  const isGood = async (token: string, audience?: ServiceName) =>
    (await verifyToken(test.auth.deps, { token, audience })).valid;
  const renew = () => post(test.app, "/auth/refresh", { json: { refreshToken: alice.refreshToken, mode: "bearer" } });
  const refresh = async () => (await renew()).status;
  const renewed = async () => tokensOf(await renew()).accessToken;
  const jtiOf = (token: string) => String(claimsOf(token)["jti"]);
  const expectDone = ({ status, headers, json }: OAuthAnswer) =>
    expect([status, headers.get("cache-control"), json]).toEqual([200, "no-store", null]);
  const expectRefused = ({ status, json }: OAuthAnswer, error: string, expected = 400) =>
    expect([status, json]).toEqual([expected, { error, error_description: expect.any(String) }]);

  it("of a refresh token ends the session, its access tokens, and what was exchanged for them", async () => {
    const delegated = await orders.exchange(alice.accessToken, "inventory");
    expectDone(await asUser(alice.refreshToken, { token_type_hint: "refresh_token" }));
    expect(await isGood(alice.accessToken)).toBe(false);
    expect(await isGood(delegated)).toBe(false);
    expect(await refresh()).toBe(401);
  });

  it("of an access token ends that one, on the feed by its id, and the session goes on", async () => {
    const { jti } = claimsOf(alice.accessToken);
    expectDone(await asUser(alice.accessToken, { token_type_hint: "access_token" }));
    expect(await isGood(alice.accessToken)).toBe(false);
    expect(await refresh()).toBe(200);
    const rows = await test.auth.deps.db
      .select()
      .from(outbox)
      .where(eq(outbox.subject, String(jti)));
    expect(rows).toMatchObject([{ kind: "token", below: null, published: true }]);
    expect(JSON.stringify(rows)).not.toContain(alice.accessToken);
  });

  it("of an access token ends what was exchanged for it, over however many services", async () => {
    const first = await signDelegated(test, alice.accessToken, { exchangedFrom: [jtiOf(alice.accessToken)] });
    const second = await orders.exchange(first, "inventory");
    const another = await orders.exchange(await renewed(), "inventory");
    expect(claimsOf(second)["exchanged_from"]).toEqual([jtiOf(first), jtiOf(alice.accessToken)]);
    expectDone(await asUser(alice.accessToken));
    expect([await isGood(first), await isGood(second), await isGood(another)]).toEqual([false, false, true]);
    const asked = await orders.post("/oauth/token", exchangeFields(first, "inventory"));
    expectRefused(asked, "invalid_request");
  });

  it("says and does the same the second time, and fills no feed", async () => {
    for (let times = 0; times < 3; times++) expectDone(await asUser(alice.accessToken));
    const subject = String(claimsOf(alice.accessToken)["jti"]);
    const { db } = test.auth.deps;
    expect(await db.select().from(outbox).where(eq(outbox.subject, subject))).toHaveLength(1);
    const isIt = and(eq(audit.action, "token.revoked"), eq(audit.subject, subject));
    expect(await db.select().from(audit).where(isIt)).toMatchObject([{ actor: alice.user.id, outcome: "allowed" }]);
  });

  it("minds a wrong hint as little as none", async () => {
    expectDone(await asUser(alice.accessToken, { token_type_hint: "refresh_token" }));
    expect(await isGood(alice.accessToken)).toBe(false);
    expectDone(await asUser(alice.refreshToken, { token_type_hint: "id_token" }));
    expect(await refresh()).toBe(401);
  });

  it("by a service ends its own tokens, and those in which it acts for a user", async () => {
    const own = grantedBy(
      await orders.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" }),
    );
    const delegated = await orders.exchange(alice.accessToken, "inventory");
    for (const token of [own, delegated]) {
      expectDone(await as(orders, token));
      expect(await isGood(token)).toBe(false);
    }
    expect(await isGood(alice.accessToken)).toBe(true);
  });

  it("succeeds for what is no token of ours, or over", async () => {
    for (const token of ["garbage", `${alice.refreshToken}x`, `${alice.accessToken}x`]) {
      expectDone(await asUser(token));
      expectDone(await as(orders, token));
    }
    test.clock.advance(660);
    expectDone(await asUser(alice.accessToken));
  });

  it.each(["id_token", "urn:example:pat", "access_token", "<>"])("ignores the hint %j", async (token_type_hint) => {
    for (const token of ["garbage", alice.accessToken, alice.refreshToken])
      expectDone(await asUser(token, { token_type_hint }));
    expect(await isGood(alice.accessToken)).toBe(false);
    expect(await refresh()).toBe(401);
  });

  describe("refuses", () => {
    it("a service that revokes what was issued to another, though it was sent to it", async () => {
      const delegated = await products.exchange(alice.accessToken, "inventory");
      for (const token of [alice.accessToken, alice.refreshToken, delegated]) {
        expectRefused(await as(orders, token), "invalid_grant");
      }
      expect(await isGood(alice.accessToken)).toBe(true);
      expect(await isGood(delegated, "inventory")).toBe(true);
      expect(await refresh()).toBe(200);
    });

    it("a service's token in the hands of the public client", async () => {
      const delegated = await orders.exchange(alice.accessToken, "inventory");
      expectRefused(await asUser(delegated), "invalid_grant");
      expect(await isGood(delegated)).toBe(true);
    });

    it("a client that is not named, or pretends to be a service", async () => {
      for (const client_id of ["", "orders", "somebody"]) {
        expectRefused(await asUser(alice.accessToken, { client_id }), "invalid_client", 401);
      }
      expect(await isGood(alice.accessToken)).toBe(true);
    });

    it("a request without a token", async () => {
      expectRefused(await asUser(""), "invalid_request");
    });
  });
});
