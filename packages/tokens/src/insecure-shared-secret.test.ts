import { describe, expect, it } from "vitest";
import { codeOf, createTestIssuer, encode, policyFor, signParts, userClaims } from "../test/fixtures.ts";
import { createInsecureSharedSecretKeySet, importInsecureSharedSecret } from "./insecure-shared-secret.ts";
import { signAccessToken } from "./sign.ts";
import { type TokenPolicy, verifyCompact } from "./verify.ts";

const secret = crypto.getRandomValues(new Uint8Array(32));
const other = crypto.getRandomValues(new Uint8Array(48));
const policy: TokenPolicy = { ...policyFor(), algorithms: ["HS256"] };

describe("the shared secret", () => {
  it("verifies what it signed, also as the second of several", async () => {
    const token = await signAccessToken(userClaims, await importInsecureSharedSecret(secret));
    await expect(verifyCompact(token, createInsecureSharedSecretKeySet([other, secret]), policy)).resolves.toEqual(
      userClaims,
    );
    expect(await codeOf(() => verifyCompact(token, createInsecureSharedSecretKeySet([other]), policy))).toBe(
      "unknown_key",
    );
  });

  it("refuses a changed token", async () => {
    const token = await signAccessToken(userClaims, await importInsecureSharedSecret(secret));
    const text = token.slice(0, token.lastIndexOf("."));
    const keys = createInsecureSharedSecretKeySet([secret]);
    for (const mac of [Buffer.alloc(32), Buffer.alloc(31), Buffer.alloc(33)]) {
      expect(await codeOf(() => verifyCompact(`${text}.${encode(mac)}`, keys, policy))).toBe("bad_signature");
    }
  });

  it("must have 32 bytes, and one must be there", async () => {
    expect(() => createInsecureSharedSecretKeySet([])).toThrow(RangeError);
    expect(() => createInsecureSharedSecretKeySet([secret, secret.subarray(1)])).toThrow(RangeError);
    await expect(importInsecureSharedSecret(secret.subarray(1))).rejects.toThrow(RangeError);
  });

  it("never meets a key pair: neither set finds the other's algorithm, whatever the policy allows", async () => {
    const issuer = await createTestIssuer("RS256");
    const both: TokenPolicy = { ...policy, algorithms: ["HS256", "RS256"] };
    const shared = createInsecureSharedSecretKeySet([secret]);
    expect(await codeOf(() => verifyCompact(issuer.token, shared, both))).toBe("wrong_algorithm");
    expect(await codeOf(() => verifyCompact(issuer.token, shared, policy))).toBe("wrong_algorithm");
    const token = await signAccessToken(userClaims, await importInsecureSharedSecret(secret));
    expect(await codeOf(() => verifyCompact(token, issuer.keys, both))).toBe("unknown_key");
    expect(await codeOf(() => verifyCompact(token, shared, policyFor("RS256")))).toBe("wrong_algorithm");
  });

  it("is never a public key: a token MACed with the issuer's published key is refused (RFC 8725 §2.1)", async () => {
    const issuer = await createTestIssuer("RS256");
    const published = Buffer.from(JSON.stringify(issuer.publicJwk));
    const forger = await importInsecureSharedSecret(published);
    const header = encode(JSON.stringify({ alg: "HS256", kid: issuer.key.kid, typ: "at+jwt" }));
    const forged = await signParts(`${header}.${issuer.token.split(".")[1]}`, forger);
    const both: TokenPolicy = { ...policy, algorithms: ["HS256", "RS256"] };
    expect(await codeOf(() => verifyCompact(forged, issuer.keys, both))).toBe("wrong_algorithm");
    expect(await codeOf(() => verifyCompact(forged, issuer.keys, policyFor("RS256")))).toBe("wrong_algorithm");
  });
});
