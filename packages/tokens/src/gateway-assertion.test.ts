import { describe, expect, it } from "vitest";
import { at, codeOf, createTestIssuer, encode, policyFor, signParts, userClaims } from "../test/fixtures.ts";
import { type AssertedUser, signGatewayAssertion, verifyGatewayAssertion } from "./gateway-assertion.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const gateway = await createTestIssuer("ES256");
const stranger = await createTestIssuer("ES256");
const issuer = "https://shop.example";
const now = () => at * 1000;
const policy = { issuer, audience: "reports", algorithms: ["ES256"], now } as const;
const user: AssertedUser = {
  subject: "user-1",
  sessionId: "session-1",
  authenticatedAt: at - 500,
  roles: ["user", "admin"],
  userVersion: 3,
  tokenId: "token-1",
  issuedAt: at - 400,
  expiresAt: at + 200,
};
const header = { alg: "ES256", kid: gateway.key.kid, typ: "gateway-assertion+jwt" };
const payload = {
  iss: issuer,
  sub: "user-1",
  aud: "reports",
  jti: "assertion-1",
  iat: at,
  exp: at + 30,
  sid: "session-1",
  auth_time: at - 500,
  roles: ["user"],
  token_jti: "token-1",
  token_iat: at - 400,
  token_exp: at + 200,
};

const sign = (changes: Partial<AssertedUser> = {}, key = gateway.key) =>
  signGatewayAssertion({ issuer, audience: "reports", user: { ...user, ...changes }, key, now });
const verdict = (assertion: string, changes = {}) =>
  codeOf(() => verifyGatewayAssertion(assertion, gateway.keys, { ...policy, ...changes }));
const signed = (headers: object, claims: object) =>
  signParts(
    `${encode(JSON.stringify({ ...header, ...headers }))}.${encode(JSON.stringify({ ...payload, ...claims }))}`,
    gateway.key,
  );

describe("the gateway's assertion", () => {
  it("says what the access token said, and when it ends itself", async () => {
    expect(await verifyGatewayAssertion(await sign(), gateway.keys, policy)).toEqual({
      class: "gateway",
      issuer,
      audience: ["reports"],
      ...user,
      assertion: { id: expect.any(String), expiresAt: at + 29 }, // dated a second back
    });
  });

  it("ends with the access token when that ends first", async () => {
    const { assertion } = await verifyGatewayAssertion(await sign({ expiresAt: at + 7 }), gateway.keys, policy);
    expect(assertion.expiresAt).toBe(at + 7);
  });

  it("has a number of its own each time", async () => {
    const ids = await Promise.all(
      [sign(), sign()].map(
        async (made) => (await verifyGatewayAssertion(await made, gateway.keys, policy)).assertion.id,
      ),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it("is not signed for a user who cannot be named", async () => {
    expect(await codeOf(() => sign({ subject: "a\nb" }))).toBe("bad_claims");
    expect(await codeOf(() => sign({ sessionId: "" }))).toBe("bad_claims");
  });

  it.each([
    ["wrong_issuer", { issuer: "https://other.example" }],
    ["wrong_audience", { audience: "search" }],
    ["wrong_algorithm", { algorithms: ["RS256"] }],
    ["expired", { now: () => (at + 36) * 1000 }],
    ["issued_in_future", { now: () => (at - 10) * 1000 }],
  ])("is refused: %s under another policy", async (code, changes) => {
    expect(await verdict(await sign(), changes)).toBe(code);
  });

  it.each([
    ["bad_claims", { sub: undefined }],
    ["bad_claims", { sid: undefined }],
    ["bad_claims", { auth_time: undefined }],
    ["bad_claims", { auth_time: at }],
    ["bad_claims", { roles: "admin" }],
    ["bad_claims", { token_jti: undefined }],
    ["bad_claims", { token_iat: undefined }],
    ["bad_claims", { token_exp: at + 20 }],
    ["bad_claims", { token_class: "user" }],
    ["bad_claims", { jti: undefined }],
    ["bad_claims", { aud: ["reports", "search"] }],
    ["bad_claims", { exp: at * 1000 }],
    ["lives_too_long", { exp: at + 31 }],
    ["not_yet_valid", { nbf: at + 30 }],
  ])("is refused: %s for %j", async (code, claims) => {
    expect(await verdict(await signed({}, claims))).toBe(code);
  });

  it.each([
    ["wrong_type", { typ: "at+jwt" }],
    ["wrong_type", { typ: "JWT" }],
    ["wrong_type", { typ: undefined }],
    ["wrong_algorithm", { alg: "none" }],
    ["wrong_algorithm", { alg: "HS256" }],
    ["bad_key_id", { kid: undefined }],
    ["unknown_key", { kid: stranger.key.kid }],
    ["unknown_header", { jku: "https://evil.example" }],
  ])("is refused: %s for the header %j", async (code, members) => {
    expect(await verdict(await signed(members, {}))).toBe(code);
  });

  it("is refused with a key of somebody else's", async () => {
    expect(await verdict(await sign({}, { ...stranger.key, kid: gateway.key.kid }))).toBe("bad_signature");
  });

  it("never is an access token, nor the other way round, also when both were signed with one key", async () => {
    const access = await signAccessToken({ ...userClaims, issuer, audience: ["reports"] }, gateway.key);
    expect(await verdict(access)).toBe("wrong_type");
    const asAccess = { ...policyFor("ES256"), issuer, audience: "reports" };
    expect(await codeOf(async () => verifyCompact(await sign(), gateway.keys, asAccess))).toBe("wrong_type");
  });
});
