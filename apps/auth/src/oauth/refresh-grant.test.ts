import { describeDatabases } from "@countersign/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOAuthClient, grantedBy, type OAuthAnswer, postForm } from "../../test/oauth-client.ts";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, registerUser, type Tokens } from "../../test/requests.ts";
import { disableUser } from "../accounts/change-user.ts";
import { addServiceSecret } from "../services/service-secrets.ts";
import { verifyToken } from "../sessions/verify-token.ts";

describeDatabases("the refresh token grant", { migrations }, (open) => {
  let test: TestAuth;
  let alice: Tokens;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });
  beforeEach(async () => {
    alice = await registerUser(test.app, someEmail());
  });

  const fields = (refresh_token: string) => ({
    grant_type: "refresh_token",
    client_id: "countersign-web",
    refresh_token,
  });
  const ask = (refreshToken: string, changes: Record<string, string> = {}) =>
    postForm(test, "/oauth/token", { body: { ...fields(refreshToken), ...changes } });
  const expectRefused = ({ status, json }: OAuthAnswer, error: string, expected = 400) =>
    expect([status, json]).toEqual([expected, { error, error_description: expect.any(String) }]);
  const next = ({ json }: OAuthAnswer) => String(Object(json).refresh_token);

  it("gives the successor of the token, and an access token of the same session", async () => {
    const answer = await ask(alice.refreshToken);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.json).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: "Bearer",
      expires_in: expect.any(Number),
    });
    const { sid, sub } = claimsOf(alice.accessToken);
    expect(claimsOf(String(Object(answer.json).access_token))).toMatchObject({
      sid,
      sub,
      client_id: "countersign-web",
    });
    expect((await ask(next(answer))).status).toBe(200);
  });

  it("gives the same successor to who lost the answer, and ends the session of who comes later", async () => {
    const first = await ask(alice.refreshToken);
    expect(next(await ask(alice.refreshToken))).toBe(next(first));
    test.clock.advance(11);
    expectRefused(await ask(alice.refreshToken), "invalid_grant");
    expectRefused(await ask(next(first)), "invalid_grant");
  });

  describe("with a target (RFC 8707)", () => {
    const askFor = (targets: readonly (readonly [string, string])[]) => {
      const body = new URLSearchParams(fields(alice.refreshToken));
      for (const [name, value] of targets) body.append(name, value);
      return postForm(test, "/oauth/token", { body });
    };
    const audienceOf = (answer: OAuthAnswer) => claimsOf(grantedBy(answer))["aud"];
    const everyService = ["auth", "products", "orders"];

    it.each([
      ["one resource", [["resource", `${publicUrl}/trpc/orders`]], "orders"],
      ["one audience", [["audience", "orders"]], "orders"],
      [
        "both for one service",
        [
          ["audience", "orders"],
          ["resource", `${publicUrl}/trpc/orders`],
        ],
        "orders",
      ],
      [
        "several",
        [
          ["resource", `${publicUrl}/trpc/orders`],
          ["resource", "auth"],
        ],
        ["auth", "orders"],
      ],
      ["the platform", [["resource", publicUrl]], everyService],
      ["a value that is empty", [["resource", ""]], everyService],
    ] as const)("gives an access token for %s", async (_, targets, audience) => {
      const answer = await askFor(targets);
      expect([answer.status, audienceOf(answer)]).toEqual([200, audience]);
    });

    it("gives one that is good there and nowhere else, and the next one for every service again", async () => {
      const answer = await askFor([["resource", `${publicUrl}/trpc/orders`]]);
      const token = grantedBy(answer);
      const isGoodAt = async (audience: "orders" | "auth") =>
        (await verifyToken(test.auth.deps, { token, audience })).valid;
      expect([await isGoodAt("orders"), await isGoodAt("auth")]).toEqual([true, false]);
      expect(audienceOf(await ask(next(answer)))).toEqual(everyService);
    });

    it("refuses a target that is unknown or not for users, and leaves the refresh token unused", async () => {
      for (const target of [
        ["resource", "https://evil.example/"],
        ["resource", `${publicUrl}/trpc/nowhere`],
        ["resource", `${publicUrl}/trpc/orders/`],
        ["resource", `${publicUrl}/trpc/inventory`],
        ["audience", "inventory"],
        ["audience", "orders auth"],
        ["audience", "ORDERS"],
        ["audience", "constructor"],
      ] as const) {
        expectRefused(await askFor([target]), "invalid_target");
        expectRefused(await askFor([["audience", "orders"], target]), "invalid_target");
        expectRefused(await askFor([["resource", publicUrl], target]), "invalid_target");
      }
      test.clock.advance(30);
      expect((await ask(alice.refreshToken)).status).toBe(200);
    });
  });

  describe("refuses", () => {
    it.each([
      ["password", "unsupported_grant_type"],
      ["authorization_code", "unsupported_grant_type"],
      ["urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"],
      ["constructor", "unsupported_grant_type"],
      ["client_credentials", "unauthorized_client"],
      ["urn:ietf:params:oauth:grant-type:token-exchange", "unauthorized_client"],
      ["", "invalid_request"],
    ])("the public client the grant %j with %s", async (grant_type, error) => {
      expectRefused(await ask(alice.refreshToken, { grant_type }), error);
    });

    it("what is no refresh token", async () => {
      for (const token of ["garbage", alice.accessToken, `${alice.refreshToken}x`, "x".repeat(9000)]) {
        expectRefused(await ask(token), "invalid_grant");
      }
      expectRefused(await ask(""), "invalid_request");
      expectRefused(await ask(alice.refreshToken, { scope: "admin" }), "invalid_scope");
    });

    it("who tries one session's tokens too often, as one who may come back, and not as one whose session is over", async () => {
      let answer = await ask(alice.refreshToken);
      test.clock.advance(11);
      for (let times = 0; times < 70 && answer.status !== 429; times++) answer = await ask(alice.refreshToken);
      expectRefused(answer, "temporarily_unavailable", 429);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    });

    it("the token of a user who was disabled", async () => {
      const from = { requestId: "r", address: "", userAgent: null };
      await disableUser(test.auth.deps, { userId: alice.user.id, actor: crypto.randomUUID(), from });
      expectRefused(await ask(alice.refreshToken), "invalid_grant");
    });

    it("a client that does not name itself, or is another", async () => {
      for (const client_id of ["", "orders", "countersign"]) {
        expectRefused(await ask(alice.refreshToken, { client_id }), "invalid_client", 401);
      }
    });

    it("a service, however it proves itself: the token was not issued to it", async () => {
      const orders = await createOAuthClient(test, "orders");
      const { client_id: _, ...rest } = fields(alice.refreshToken);
      const body = { ...rest, ...(await orders.proof()) };
      expectRefused(await postForm(test, "/oauth/token", { body }), "invalid_grant");
      expectRefused(await postForm(test, "/oauth/token", { body }), "invalid_client", 401); // used once, for nothing
      expectRefused(await orders.post("/oauth/token", fields(alice.refreshToken)), "invalid_client", 401);
      const { secret } = await addServiceSecret(test.auth.deps.db, "orders", { actor: "test", at: test.clock.now() });
      const headers = { authorization: `Basic ${Buffer.from(`orders:${secret}`).toString("base64")}` };
      expectRefused(await postForm(test, "/oauth/token", { body: rest, headers }), "invalid_grant");
      const wrong = { authorization: `Basic ${Buffer.from("orders:wrong").toString("base64")}` };
      expectRefused(await postForm(test, "/oauth/token", { body: rest, headers: wrong }), "invalid_client", 401);
      expect((await ask(alice.refreshToken)).status).toBe(200); // none of these has used it up
    });
  });
});
