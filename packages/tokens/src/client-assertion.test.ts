import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { at, codeOf, createTestIssuer, encode, serviceClaims, signParts } from "../test/fixtures.ts";
import { signClientAssertion, verifyClientAssertion } from "./client-assertion.ts";
import { signAccessToken } from "./sign.ts";

const orders = await createTestIssuer("EdDSA");
const stranger = await createTestIssuer("EdDSA");
const audience = "https://issuer.example";
const now = () => at * 1000;
const policy = { audience: [audience, `${audience}/oauth/token`], now };
const header = { alg: "EdDSA", kid: orders.key.kid, typ: "client-authentication+jwt" };
const payload = { iss: "orders", sub: "orders", aud: audience, jti: "once", iat: at, exp: at + 60 };

const sign = () => signClientAssertion({ clientId: "orders", audience, key: orders.key, now });
const keysOf = async (clientId: string) => (clientId === "orders" ? [orders.publicJwk] : []);
const verdict = (assertion: string) => codeOf(() => verifyClientAssertion(assertion, keysOf, policy));
const signed = (headers: object, claims: object) =>
  signParts(
    `${encode(JSON.stringify({ ...header, ...headers }))}.${encode(JSON.stringify({ ...payload, ...claims }))}`,
    orders.key,
  );

describe("client assertions", () => {
  it("prove a client, each with an id of its own", async () => {
    const client = await verifyClientAssertion(await sign(), keysOf, policy);
    const keyId = orders.key.kid;
    expect(client).toEqual({ clientId: "orders", keyId, assertionId: expect.any(String), expiresAt: at + 60 });
    expect((await verifyClientAssertion(await sign(), keysOf, policy)).assertionId).not.toBe(client.assertionId);
  });

  it("may come from another library, without a type or as JWT, for the token endpoint", async () => {
    for (const typ of [undefined, "JWT"]) {
      const assertion = await new SignJWT({ ...payload, aud: [`${audience}/oauth/token`], exp: at + 300 })
        .setProtectedHeader({ alg: "EdDSA", kid: orders.key.kid, ...(typ === undefined ? {} : { typ }) })
        .sign(orders.privateJwk);
      expect(await verdict(assertion)).toBe("passed");
    }
  });

  it.each([
    ["bad_claims", { iss: "products" }],
    ["bad_claims", { sub: "products" }],
    ["bad_claims", { iss: undefined }],
    ["bad_claims", { iss: "a\u0000b", sub: "a\u0000b" }],
    ["bad_claims", { jti: undefined }],
    ["bad_claims", { jti: "" }],
    ["bad_claims", { exp: undefined }],
    ["bad_claims", { iat: undefined }],
    ["bad_claims", { exp: at * 1000 }],
    ["bad_claims", { aud: [audience, "https://evil.example"] }],
    ["bad_claims", { aud: [] }],
    ["wrong_audience", { aud: "https://evil.example" }],
    ["wrong_audience", { aud: `${audience}/` }],
    ["lives_too_long", { exp: at + 301 }],
    ["issued_in_future", { iat: at + 30 }],
    ["not_yet_valid", { nbf: at + 30 }],
    ["expired", { iat: at - 90, exp: at - 30 }],
    ["unknown_key", { iss: "products", sub: "products" }],
  ])("are refused: %s for %j", async (code, claims) => {
    expect(await verdict(await signed({}, claims))).toBe(code);
  });

  it.each([
    ["wrong_type", { typ: "at+jwt" }],
    ["wrong_algorithm", { alg: "HS256" }],
    ["wrong_algorithm", { alg: "none" }],
    ["wrong_algorithm", { alg: "RS256" }],
    ["bad_key_id", { kid: undefined }],
    ["unknown_key", { kid: stranger.key.kid }],
    ["unknown_header", { jku: "https://evil.example" }],
  ])("are refused: %s for the header %j", async (code, members) => {
    expect(await verdict(await signed(members, {}))).toBe(code);
  });

  it("are refused with a key of somebody else's", async () => {
    const forged = { ...stranger.key, kid: orders.key.kid };
    expect(await verdict(await signClientAssertion({ clientId: "orders", audience, key: forged, now }))).toBe(
      "bad_signature",
    );
  });

  it("never are access tokens, nor the other way round", async () => {
    expect(await verdict(await signAccessToken(serviceClaims, orders.key))).toBe("wrong_type");
  });

  it("ask for no keys when they are refused for their form, and pass on why the keys could not be asked for", async () => {
    const down = new Error("down");
    const failing = () => Promise.reject(down);
    expect(await codeOf(async () => verifyClientAssertion(await signed({}, { exp: at + 900 }), failing, policy))).toBe(
      "lives_too_long",
    );
    await expect(verifyClientAssertion(await signed({}, {}), failing, policy)).rejects.toBe(down);
  });
});
