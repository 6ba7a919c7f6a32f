import { describe, expect, it } from "vitest";
import {
  at,
  createTestIssuer,
  decode,
  delegatedClaims,
  policyFor,
  serviceClaims,
  userClaims,
  verdictsOf,
} from "../test/fixtures.ts";
import type { AccessClaims } from "./claims.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const issuer = await createTestIssuer("EdDSA");
const verdict = verdictsOf(issuer);
const [header = ""] = issuer.token.split(".");

describe("the claims", () => {
  it.each([
    ...["iss", "sub", "aud", "jti", "client_id", "iat", "exp", "sid", "auth_time", "roles"].map((name) => ({
      [name]: undefined,
    })),
    { sub: "" },
    { sub: 1 },
    { sub: {} },
    { sub: null },
    { sub: "a\u0000b" },
    { sub: "a".repeat(256) },
    { aud: [] },
    { aud: ["orders", 1] },
    { aud: { 0: "orders" } },
    { roles: "admin" },
    { roles: [null] },
    { roles: [""] },
    { roles: { length: 0 } },
    { exp: "1800000060" },
    { exp: at + 0.5 },
    { exp: null },
    { exp: at * 1000 },
    { exp: 1e300 },
    { exp: -1 },
    { exp: at },
    { iat: at + 0.25 },
    { iat: 0 },
    { iat: true },
    { nbf: "now" },
    { auth_time: at + 1 },
    { act: { sub: "products" } },
    { exchanged_from: ["token-0"] },
    { permissions: [] },
  ])("bad_claims, without asking for a key: %j", async (members) => {
    expect(await verdict(await issuer.signWith({}, members))).toBe("bad_claims");
  });

  it("names the claim and never its value", async () => {
    const token = await issuer.signWith({}, { sub: 4711 });
    await expect(verifyCompact(token, issuer.keys, policyFor("EdDSA"))).rejects.toMatchObject({
      code: "bad_claims",
      claim: "sub",
    });
    await expect(verifyCompact(token, issuer.keys, policyFor("EdDSA"))).rejects.not.toThrow("4711");
  });

  it.each([
    ["wrong_class", { token_class: undefined }],
    ["wrong_class", { token_class: "admin" }],
    ["wrong_class", { token_class: ["user"] }],
    ["wrong_class", { token_class: "__proto__" }],
    ["wrong_issuer", { iss: "https://issuer.example/" }],
    ["wrong_issuer", { iss: "https://evil.example" }],
    ["wrong_audience", { aud: ["auth"] }],
    ["wrong_audience", { aud: "order" }],
    ["wrong_audience", { aud: ["Orders"] }],
    ["lives_too_long", { exp: at + 601 }],
    ["lives_too_long", { exp: at + 1e9 }],
    ["issued_in_future", { iat: at + 6 }],
    ["not_yet_valid", { nbf: at + 6 }],
    ["expired", { iat: at - 100, auth_time: at - 100, exp: at - 5 }],
  ])("%s, without asking for a key: %j", async (code, members) => {
    expect(await verdict(await issuer.signWith({}, members))).toBe(code);
  });

  it("forgives clocks that differ by the tolerance and no more", async () => {
    const early = await issuer.signWith({}, { iat: at + 5, nbf: at + 5 });
    const late = await issuer.signWith({}, { iat: at - 100, auth_time: at - 100, exp: at - 4 });
    expect(await verdict(early)).toBe("passed, key asked for");
    expect(await verdict(late)).toBe("passed, key asked for");
    expect(await verdict(early, { clockToleranceSeconds: 0 })).toBe("issued_in_future");
    expect(await verdict(late, { clockToleranceSeconds: 0 })).toBe("expired");
  });

  it("refuses when the clock gives no number", async () => {
    expect(await verdict(issuer.token, { now: () => Number.NaN })).toBe("issued_in_future");
  });

  it("never lets one class pass for another", async () => {
    const tokens: readonly AccessClaims[] = [userClaims, serviceClaims, delegatedClaims];
    for (const claims of tokens) {
      const token = await signAccessToken(claims, issuer.key);
      for (const accepted of ["user", "service", "delegated"] as const) {
        const expected = accepted === claims.class ? "passed, key asked for" : "wrong_class";
        expect(await verdict(token, { classes: [accepted] })).toBe(expected);
      }
      for (const token_class of ["user", "service", "delegated"].filter((name) => name !== claims.class)) {
        const [, own = ""] = token.split(".");
        const relabelled = JSON.stringify({ ...JSON.parse(decode(own)), token_class });
        expect(await verdict(await issuer.signText(decode(header), relabelled))).toBe("bad_claims");
      }
    }
  });

  it("wants exactly one audience of a service's or a delegated token", async () => {
    for (const claims of [serviceClaims, delegatedClaims]) {
      const [, own = ""] = (await signAccessToken(claims, issuer.key)).split(".");
      const wide = JSON.stringify({ ...JSON.parse(decode(own)), aud: ["orders", "products"] });
      expect(await verdict(await issuer.signText(decode(header), wide))).toBe("bad_claims");
    }
  });

  it("refuses a chain of actors that is too long or malformed", async () => {
    const [, own = ""] = (await signAccessToken(delegatedClaims, issuer.key)).split(".");
    const withActor = (act: unknown) =>
      issuer.signText(decode(header), JSON.stringify({ ...JSON.parse(decode(own)), act }));
    const chain = (length: number): object => (length === 1 ? { sub: "s" } : { sub: "s", act: chain(length - 1) });
    expect(await verdict(await withActor(chain(4)))).toBe("passed, key asked for");
    expect(await verdict(await withActor(chain(5)))).toBe("actor_too_deep");
    for (const bad of [
      undefined,
      null,
      "products",
      [],
      { sub: "" },
      { sub: "s", act: { sub: 1 } },
      { sub: "s", act: null },
    ]) {
      expect(await verdict(await withActor(bad))).toBe("bad_claims");
    }
  });
});
