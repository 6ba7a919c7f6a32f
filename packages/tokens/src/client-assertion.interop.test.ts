import { describe, expect, it } from "vitest";
import { at, codeOf, encode } from "../test/fixtures.ts";
import { verifyClientAssertion } from "./client-assertion.ts";
import { generateSigningKey } from "./generate-signing-key.ts";
import type { AsymmetricAlgorithm } from "./jwk.ts";

const audience = "https://issuer.example";
const payload = { iss: "orders", sub: "orders", aud: audience, jti: "once", iat: at, exp: at + 60 };
const parameters = {
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, sign: { name: "ECDSA", hash: "SHA-256" } },
  EdDSA: { import: { name: "Ed25519" }, sign: { name: "Ed25519" } },
};

/** Signs with WebCrypto alone, as other libraries do. */
async function createStranger(algorithm: AsymmetricAlgorithm & keyof typeof parameters) {
  const { privateJwk, publicJwk, kid } = await generateSigningKey(algorithm);
  const key = await crypto.subtle.importKey("jwk", privateJwk, parameters[algorithm].import, false, ["sign"]);
  const verify = (assertion: string) =>
    codeOf(() =>
      verifyClientAssertion(assertion, async () => [publicJwk], { audience: [audience], now: () => at * 1000 }),
    );
  return {
    verify,
    async sign(alg: string, change = (signature: Uint8Array) => signature): Promise<string> {
      const text = `${encode(JSON.stringify({ alg, kid }))}.${encode(JSON.stringify(payload))}`;
      const signature = await crypto.subtle.sign(parameters[algorithm].sign, key, Buffer.from(text));
      return `${text}.${Buffer.from(change(new Uint8Array(signature))).toString("base64url")}`;
    },
  };
}

describe("client assertions of other libraries", () => {
  it("may have either form of an ECDSA signature: half of all have the one that our tokens never have", async () => {
    const stranger = await createStranger("ES256");
    for (let times = 0; times < 32; times++) expect(await stranger.verify(await stranger.sign("ES256"))).toBe("passed");
  });

  it("are refused with a signature that is out of range or of another length", async () => {
    const stranger = await createStranger("ES256");
    const changes = [
      (signature: Uint8Array) => Uint8Array.from([...signature.subarray(0, 32), ...new Uint8Array(32).fill(0xff)]),
      () => new Uint8Array(64).fill(0xff),
      () => new Uint8Array(64),
      (signature: Uint8Array) => signature.subarray(0, 63),
    ];
    for (const change of changes)
      expect(await stranger.verify(await stranger.sign("ES256", change))).toBe("bad_signature");
  });

  it("may call Ed25519 by the name of RFC 9864, and nothing else", async () => {
    const stranger = await createStranger("EdDSA");
    expect(await stranger.verify(await stranger.sign("Ed25519"))).toBe("passed");
    expect(await stranger.verify(await stranger.sign("EdDSA"))).toBe("passed");
    for (const alg of ["Ed448", "ed25519", "ES256"]) {
      expect(await stranger.verify(await stranger.sign(alg))).toBe("wrong_algorithm");
    }
  });
});
