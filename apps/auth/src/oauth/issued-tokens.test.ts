import { describeDatabases } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createOAuthClient, grantedBy, type OAuthAnswer, type OAuthClient, postForm } from "../../test/oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, registerUser, type Tokens } from "../../test/requests.ts";

describeDatabases("the access tokens that auth issues", { migrations }, (open) => {
  let test: TestAuth;
  let alice: Tokens;
  let orders: OAuthClient;
  let answers: Readonly<Record<"user" | "service" | "delegated", OAuthAnswer>>;

  beforeAll(async () => {
    test = await openTestAuth(await open());
    alice = await registerUser(test.app, someEmail());
    orders = await createOAuthClient(test, "orders");
    answers = {
      user: await renew(alice.refreshToken, { audience: "orders" }),
      service: await orders.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" }),
      delegated: await exchange(orders, alice.accessToken),
    };
  });

  const renew = (refresh_token: string, more: Record<string, string> = {}, auth = test) =>
    postForm(auth, "/oauth/token", {
      body: { grant_type: "refresh_token", client_id: "countersign-web", refresh_token, ...more },
    });
  const exchange = (client: OAuthClient, subject_token: string) =>
    client.post("/oauth/token", {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      subject_token,
      audience: "inventory",
    });
  const now = () => Math.floor(test.clock.now() / 1000);

  describe.each(["user", "service", "delegated"] as const)("of the class %s", (name) => {
    it("name one audience as a string", () => {
      expect(claimsOf(grantedBy(answers[name]))["aud"]).toBe(name === "user" ? "orders" : "inventory");
    });

    it("are dated a second back, for verifiers without leeway whose clock is a little behind", () => {
      expect(claimsOf(grantedBy(answers[name]))["iat"]).toBe(now() - 1);
    });

    it("end when `expires_in` says so, after the life that verifiers allow at the most", () => {
      const { iat, exp } = claimsOf(grantedBy(answers[name]));
      const most = { user: 600, service: 300, delegated: 120 }[name];
      expect(Number(exp) - now()).toBe(Object(answers[name].json).expires_in);
      expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(most);
    });

    it("have no scope by default", () => {
      expect([claimsOf(grantedBy(answers[name]))["scope"], Object(answers[name].json).scope]).toEqual([
        undefined,
        undefined,
      ]);
    });
  });

  it("say of every token of a session that the user signed in at the same second", async () => {
    const { accessToken, refreshToken } = await registerUser(test.app, someEmail());
    const { auth_time: began, iat } = claimsOf(accessToken);
    test.clock.advance(60);
    const { auth_time: later } = claimsOf(grantedBy(await renew(refreshToken)));
    expect([began, later]).toEqual([iat, iat]);
  });

  it("name several audiences as a list", () => {
    expect(claimsOf(alice.accessToken)["aud"]).toEqual(["auth", "products", "orders"]);
  });

  describe("where TOKEN_SCOPE is permissions", () => {
    let scoped: TestAuth;
    beforeAll(async () => {
      scoped = await openTestAuth(await open(), { tokenScope: "permissions" });
    });

    it("carry the user's permissions as scope (RFC 9068 §2.2.3), through services those that are left", async () => {
      const client = await createOAuthClient(scoped, "orders");
      const bob = await registerUser(scoped.app, someEmail());
      const direct = await renew(bob.refreshToken, {}, scoped);
      const through = await exchange(client, bob.accessToken);
      const scope = "orders:place orders:read orders:cancel";
      for (const answer of [direct, through]) {
        expect(claimsOf(grantedBy(answer))).toMatchObject({ scope });
        expect(answer.json).toMatchObject({ scope }); // RFC 6749 §5.1
      }
      expect(claimsOf(bob.accessToken)).toMatchObject({ scope });
      const inventory = await createOAuthClient(scoped, "inventory");
      const { json } = await inventory.post("/oauth/introspect", { token: grantedBy(through) });
      expect(json).toMatchObject({ active: true, scope });
    });

    it("carry none without permissions, and the metadata names what there is", async () => {
      const client = await createOAuthClient(scoped, "orders");
      const own = await client.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" });
      expect(claimsOf(grantedBy(own))).not.toHaveProperty("scope");
      const metadata = await scoped.app.request("/.well-known/oauth-authorization-server");
      expect(await metadata.json()).toMatchObject({ scopes_supported: expect.arrayContaining(["orders:place"]) });
    });
  });
});
