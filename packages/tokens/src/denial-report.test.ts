import { describe, expect, it } from "vitest";
import { at, codeOf, createTestIssuer, encode, policyFor, serviceClaims, signParts } from "../test/fixtures.ts";
import { signClientAssertion, verifyClientAssertion } from "./client-assertion.ts";
import { signDenialReport, verifyDenialReport } from "./denial-report.ts";
import { verifyGatewayAssertion } from "./gateway-assertion.ts";
import { verifySecurityEvent } from "./security-event.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const orders = await createTestIssuer("ES256");
const stranger = await createTestIssuer("ES256");
const audience = "https://issuer.example";
const now = () => at * 1000;
const policy = { audience, now };
const header = { alg: "ES256", kid: orders.key.kid, typ: "denial-report+jwt" };
const report = { service: "orders", reason: "wrong_role", count: 3 };
const payload = { iss: "orders", sub: "orders", aud: audience, jti: "orders.1", iat: at, report };

const sign = (changes = {}) =>
  signDenialReport({ reporter: "orders", audience, id: "orders.1", report, key: orders.key, now, ...changes });
const keysOf = async (reporter: string) => (reporter === "orders" ? [orders.publicJwk] : []);
const verdict = (token: string) => codeOf(() => verifyDenialReport(token, keysOf, policy));
const signed = (headers: object, claims: object) =>
  signParts(
    `${encode(JSON.stringify({ ...header, ...headers }))}.${encode(JSON.stringify({ ...payload, ...claims }))}`,
    orders.key,
  );

describe("reports of denials", () => {
  it("say who reports what, when, and with which key", async () => {
    const keyId = orders.key.kid;
    const expected = { reporter: "orders", id: "orders.1", issuedAt: at, keyId, report };
    expect(await verifyDenialReport(await sign(), keysOf, policy)).toEqual(expected);
    expect(await verdict(await signed({}, {}))).toBe("passed");
  });

  it("are not signed when nobody could read them", async () => {
    expect(await codeOf(() => sign({ reporter: "a\nb" }))).toBe("bad_claims");
    expect(await codeOf(() => sign({ id: "" }))).toBe("bad_claims");
    expect(await codeOf(() => sign({ report: { text: "a".repeat(4_000) } }))).toBe("too_large");
  });

  it.each([
    ["bad_claims", { iss: "products" }],
    ["bad_claims", { sub: undefined }],
    ["bad_claims", { jti: undefined }],
    ["bad_claims", { iat: undefined }],
    ["bad_claims", { iat: at * 1000 }],
    ["bad_claims", { exp: at + 60 }],
    ["bad_claims", { report: undefined }],
    ["bad_claims", { report: "text" }],
    ["bad_claims", { report: [report] }],
    ["bad_claims", { token_class: "service" }],
    ["bad_claims", { aud: [audience, "https://evil.example"] }],
    ["wrong_audience", { aud: "https://evil.example" }],
    ["issued_in_future", { iat: at + 86_401 }],
    ["expired", { iat: at - 86_401 }],
    ["unknown_key", { iss: "products", sub: "products" }],
  ])("are refused: %s for %j", async (code, claims) => {
    expect(await verdict(await signed({}, claims))).toBe(code);
  });

  it.each([
    ["wrong_type", { typ: "client-authentication+jwt" }],
    ["wrong_type", { typ: "JWT" }],
    ["wrong_type", { typ: undefined }],
    ["wrong_algorithm", { alg: "none" }],
    ["wrong_algorithm", { alg: "HS256" }],
    ["wrong_algorithm", { alg: "RS256" }],
    ["bad_key_id", { kid: undefined }],
    ["unknown_key", { kid: stranger.key.kid }],
    ["unknown_header", { jwk: stranger.publicJwk }],
  ])("are refused: %s for the header %j", async (code, members) => {
    expect(await verdict(await signed(members, {}))).toBe(code);
  });

  it("are refused with another key under the right name, and when the clock is none", async () => {
    expect(await verdict(await sign({ key: { ...stranger.key, kid: orders.key.kid } }))).toBe("bad_signature");
    const good = await sign();
    const broken = { audience, now: () => Number.NaN };
    expect(await codeOf(() => verifyDenialReport(good, keysOf, broken))).toBe("issued_in_future");
  });

  it("never are another kind of token, nor the other way round, also when one key signed both", async () => {
    const assertion = await signClientAssertion({ clientId: "orders", audience, key: orders.key, now });
    expect(await verdict(assertion)).toBe("wrong_type");
    expect(await verdict(await signAccessToken(serviceClaims, orders.key))).toBe("wrong_type");
    const token = await sign();
    const keyPolicy = { issuer: "orders", audience, algorithms: ["ES256"], now } as const;
    const verifiers = [
      () => verifyClientAssertion(token, keysOf, { audience: [audience], now }),
      () => verifyGatewayAssertion(token, orders.keys, keyPolicy),
      () => verifySecurityEvent(token, orders.keys, keyPolicy),
      async () => verifyCompact(token, orders.keys, { ...policyFor("ES256"), issuer: "orders", audience }),
    ];
    for (const verify of verifiers) expect(await codeOf(verify)).toBe("wrong_type");
  });

  it("ask for no keys when they are refused for their form, and pass on why the keys could not be asked for", async () => {
    const down = new Error("down");
    const failing = () => Promise.reject(down);
    const old = await signed({}, { iat: at - 100_000 });
    expect(await codeOf(() => verifyDenialReport(old, failing, policy))).toBe("expired");
    await expect(verifyDenialReport(await sign(), failing, policy)).rejects.toBe(down);
  });
});
