import { describe, expect, it } from "vitest";
import { codeOf, createTestIssuer, encode, policyFor, signParts, userClaims } from "../test/fixtures.ts";
import { TokenError } from "./errors.ts";
import { createInsecureMixedKeySet } from "./insecure-mixed-key-set.ts";
import { importInsecureSharedSecret } from "./insecure-shared-secret.ts";
import { KeySetError } from "./key-set-error.ts";
import { signAccessToken } from "./sign.ts";
import { type TokenPolicy, verifyCompact } from "./verify.ts";

const secret = crypto.getRandomValues(new Uint8Array(32));
const policy: TokenPolicy = { ...policyFor(), algorithms: ["RS256", "ES256", "EdDSA", "HS256"] };

describe("shared secrets beside published keys", () => {
  it("accept the tokens of both", async () => {
    const issuer = await createTestIssuer("ES256");
    const keys = createInsecureMixedKeySet([secret], issuer.keys);
    const token = await signAccessToken(userClaims, await importInsecureSharedSecret(secret));
    await expect(verifyCompact(token, keys, policy)).resolves.toEqual(userClaims);
    await expect(verifyCompact(issuer.token, keys, policy)).resolves.toBeDefined();
  });

  it("never compute an HMAC with a public key, and never look a secret up as one (RFC 8725 §2.1)", async () => {
    const issuer = await createTestIssuer("RS256");
    const keys = createInsecureMixedKeySet([secret], issuer.keys);
    const forger = await importInsecureSharedSecret(Buffer.from(JSON.stringify(issuer.publicJwk)));
    const shared = await importInsecureSharedSecret(secret);
    const forge = (alg: string, kid: string) => {
      const header = encode(JSON.stringify({ alg, kid, typ: "at+jwt" }));
      return signParts(`${header}.${issuer.token.split(".")[1]}`, forger);
    };
    for (const [alg, kid, code] of [
      ["HS256", issuer.key.kid, "unknown_key"],
      ["HS256", forger.kid, "unknown_key"],
      ["HS256", shared.kid, "bad_signature"],
      ["RS256", shared.kid, "unknown_key"],
      ["ES256", issuer.key.kid, "wrong_algorithm"],
      ["none", issuer.key.kid, "wrong_algorithm"],
    ] as const) {
      const forged = await forge(alg, kid);
      expect(await codeOf(() => verifyCompact(forged, keys, policy)), `${alg} ${code}`).toBe(code);
    }
  });

  it("say unknown_key where the issuer publishes none, and keys_unavailable where it cannot be asked", async () => {
    const issuer = await createTestIssuer("ES256");
    for (const [failure, code] of [
      ["empty", "unknown_key"],
      ["unreachable", "keys_unavailable"],
    ] as const) {
      const failed = new TokenError("keys_unavailable", { cause: new KeySetError(failure) });
      const fails = () => {
        throw failed;
      };
      for (const find of [fails, () => Promise.reject(failed)]) {
        const keys = createInsecureMixedKeySet([secret], { find });
        expect(await codeOf(() => verifyCompact(issuer.token, keys, policy))).toBe(code);
      }
    }
  });
});
