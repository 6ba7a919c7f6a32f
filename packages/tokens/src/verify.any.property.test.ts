import fc from "fast-check";
import { expect, it } from "vitest";
import { at, codeOf, createTestIssuer, policyFor, userClaims } from "../test/fixtures.ts";
import type { AccessClaims } from "./claims.ts";
import { verifyCompact } from "./verify.ts";

const issuer = await createTestIssuer("EdDSA");
const verify = (token: string) => verifyCompact(token, issuer.keys, policyFor("EdDSA"));
const names = [
  "iss",
  "sub",
  "aud",
  "jti",
  "client_id",
  "iat",
  "exp",
  "nbf",
  "sid",
  "auth_time",
  "roles",
  "act",
  "token_class",
];

it("claims of any kind, though the issuer signed them, read back as they stand or are refused with a code", async () => {
  const values = [
    "orders",
    ["orders"],
    "user",
    "service",
    "delegated",
    at,
    at + 60,
    at - 60,
    "__proto__",
    { sub: "s" },
  ];
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...values));
  const members = fc.dictionary(fc.constantFrom(...names, "__proto__", "toString"), value, { maxKeys: 4 });
  const property = fc.asyncProperty(members, async (changed) => {
    const token = await issuer.signWith({}, changed);
    let claims: AccessClaims | undefined;
    const code = await codeOf(async () => {
      claims = await verify(token); // what it refuses with is a TokenError, or this throws
    });
    fc.pre(code === "passed");
    expect(claims).toMatchObject({ class: "user", subject: changed["sub"] ?? userClaims.subject });
    expect(Object.keys(claims ?? {}).toSorted()).toEqual(Object.keys(userClaims).toSorted());
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
  await fc.assert(property, { numRuns: 300, maxSkipsPerRun: 1000 });
});

it("any text at all is refused with a code", async () => {
  const character = fc.nat(0x2ff).map((code) => String.fromCharCode(code));
  const text = fc.oneof(fc.string(), fc.string({ unit: character, maxLength: 200 }));
  const property = fc.asyncProperty(text, async (token) => {
    expect(await codeOf(() => verify(token))).not.toBe("passed");
  });
  await fc.assert(property, { numRuns: 1000 });
});
