import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { at, codeOf, createTestIssuer, decode, delegatedClaims, serviceClaims, userClaims } from "../test/fixtures.ts";
import type { Actor } from "./claims.ts";
import { signAccessToken } from "./sign.ts";

describe.each(["RS256", "ES256", "EdDSA"] as const)("signAccessToken with %s", (algorithm) => {
  it("makes what another library verifies as an RFC 9068 access token", async () => {
    const issuer = await createTestIssuer(algorithm);
    const token = await signAccessToken(delegatedClaims, issuer.key);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [issuer.publicJwk] }), {
      typ: "at+jwt",
      issuer: "https://issuer.example",
      audience: "orders",
      currentDate: new Date(at * 1000),
    });
    expect(protectedHeader).toEqual({ alg: algorithm, kid: issuer.key.kid, typ: "at+jwt" });
    expect(payload).toEqual({
      iss: "https://issuer.example",
      sub: "user-1",
      aud: "orders",
      jti: "token-1",
      client_id: "web",
      iat: at,
      exp: at + 120,
      token_class: "delegated",
      sid: "session-1",
      auth_time: at - 60,
      roles: ["user"],
      user_version: 3,
      permissions: ["orders:read"],
      exchanged_from: ["token-0"],
      act: { sub: "products", client_version: 2, act: { sub: "gateway" } },
    });
  });
});

describe("signAccessToken", () => {
  const live = createTestIssuer("EdDSA");

  it("puts into a service's token nothing of a session", async () => {
    const [, payload = ""] = (await signAccessToken(serviceClaims, (await live).key)).split(".");
    expect(Object.keys(JSON.parse(decode(payload)))).toEqual([
      "iss",
      "sub",
      "aud",
      "jti",
      "client_id",
      "iat",
      "exp",
      "token_class",
      "client_version",
    ]);
  });

  it("refuses claims that no verifier would take", async () => {
    const { key } = await live;
    const caller = { subject: "s", version: 0 };
    const deep = [1, 2, 3, 4].reduce<Actor>((actor) => ({ ...caller, actor }), caller);
    const many = Array.from({ length: 64 }, (_, index) => `role-${index}`.padEnd(64, "x"));
    expect(await codeOf(() => signAccessToken({ ...userClaims, subject: "" }, key))).toBe("bad_claims");
    expect(await codeOf(() => signAccessToken({ ...userClaims, expiresAt: at + 601 }, key))).toBe("lives_too_long");
    expect(await codeOf(() => signAccessToken({ ...userClaims, expiresAt: at }, key))).toBe("bad_claims");
    expect(await codeOf(() => signAccessToken({ ...userClaims, issuedAt: at + 0.5 }, key))).toBe("bad_claims");
    expect(await codeOf(() => signAccessToken({ ...userClaims, roles: many }, key))).toBe("too_large");
    expect(await codeOf(() => signAccessToken({ ...serviceClaims, expiresAt: at + 301 }, key))).toBe("lives_too_long");
    expect(await codeOf(() => signAccessToken({ ...serviceClaims, audience: ["a", "b"] }, key))).toBe("bad_claims");
    expect(await codeOf(() => signAccessToken({ ...delegatedClaims, expiresAt: at + 121 }, key))).toBe(
      "lives_too_long",
    );
    expect(await codeOf(() => signAccessToken({ ...delegatedClaims, actor: deep }, key))).toBe("actor_too_deep");
  });
});
