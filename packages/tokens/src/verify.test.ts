import { describe, expect, it } from "vitest";
import {
  codeOf,
  createTestIssuer,
  decode,
  delegatedClaims,
  encode,
  policyFor,
  serviceClaims,
  signParts,
  userClaims,
  verdictsOf,
} from "../test/fixtures.ts";
import type { AccessClaims } from "./claims.ts";
import type { KeySource } from "./key-source.ts";
import { signAccessToken } from "./sign.ts";
import { verifyCompact } from "./verify.ts";

const issuer = await createTestIssuer("EdDSA");
const policy = policyFor("EdDSA");
const verdict = verdictsOf(issuer);
const [header = "", payload = "", signature = ""] = issuer.token.split(".");

describe("verifyCompact", () => {
  it.each<AccessClaims>([userClaims, serviceClaims, delegatedClaims])(
    "gives back what was signed: $class",
    async (claims) => {
      const token = await signAccessToken(claims, issuer.key);
      await expect(verifyCompact(token, issuer.keys, policy)).resolves.toEqual(claims);
    },
  );

  it.each(["RS256", "ES256"] as const)("verifies %s", async (algorithm) => {
    const other = await createTestIssuer(algorithm);
    await expect(verifyCompact(other.token, other.keys, policyFor(algorithm))).resolves.toEqual(userClaims);
  });

  it("takes a single audience that stands alone, as RFC 7519 lets it", async () => {
    const claims = await verifyCompact(await issuer.signWith({}, { aud: "orders" }), issuer.keys, policy);
    expect(claims.audience).toEqual(["orders"]);
  });

  it("ignores claims that no class knows, and lets nothing of them through", async () => {
    const text = `${decode(payload).slice(0, -1)},"__proto__":{"roles":["admin"]},"constructor":1,"isAdmin":true}`;
    const claims = await verifyCompact(await issuer.signText(decode(header), text), issuer.keys, policy);
    expect(claims).toEqual(userClaims);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(Object.keys(claims)).toEqual(expect.not.arrayContaining(["__proto__", "constructor", "isAdmin"]));
  });

  it("refuses a clock tolerance that makes no sense", async () => {
    for (const clockToleranceSeconds of [-1, 61, Number.NaN]) {
      await expect(verifyCompact(issuer.token, issuer.keys, { ...policy, clockToleranceSeconds })).rejects.toThrow(
        RangeError,
      );
    }
  });
});

describe("the signature", () => {
  it("is checked over the very bytes that were sent", async () => {
    const admin = encode(decode(payload).replace('["user"]', '["admin"]'));
    expect(await verdict(`${header}.${admin}.${signature}`)).toBe("bad_signature, key asked for");
    expect(await verdict(`${header}.${payload}.${encode(Buffer.alloc(64))}`)).toBe("bad_signature, key asked for");
    expect(await verdict(`${header}.${payload}.AA`)).toBe("bad_signature, key asked for");
  });

  it("is refused when the key found is for another algorithm than was asked for", async () => {
    const other = await createTestIssuer("ES256");
    const careless: KeySource = { find: () => other.keys.find(other.key.kid, "ES256") };
    expect(await codeOf(() => verifyCompact(issuer.token, careless, policy))).toBe("wrong_algorithm");
  });

  it("is refused from another key under the same kid", async () => {
    const impostor = await createTestIssuer("EdDSA");
    const token = await signParts(`${header}.${payload}`, impostor.key);
    expect(await verdict(token)).toBe("bad_signature, key asked for");
    expect(await verdict(impostor.token)).toBe("unknown_key, key asked for");
  });
});
