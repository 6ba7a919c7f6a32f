import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { calculateJwkThumbprint } from "jose";
import { describe, expect, it } from "vitest";
import { generateSigningKey } from "./generate-signing-key.ts";
import { importSigningKey } from "./import-signing-key.ts";
import { importVerificationKey } from "./verification-key.ts";

describe.each(["RS256", "ES256", "EdDSA"] as const)("a key for %s", (algorithm) => {
  const generated = generateSigningKey(algorithm);

  it("is named by its RFC 7638 thumbprint and publishes no private member", async () => {
    const { kid, publicJwk, privateJwk } = await generated;
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk));
    expect(publicJwk).toMatchObject({ kid, alg: algorithm, use: "sig" });
    expect(Object.keys(publicJwk)).toEqual(
      expect.not.arrayContaining(["d", "p", "q", "dp", "dq", "qi", "key_ops", "ext"]),
    );
    expect(privateJwk).toMatchObject({ ...publicJwk, d: expect.any(String) });
  });

  it("signs after a round through storage, and cannot be taken out again", async () => {
    const { kid, privateJwk, publicJwk } = await generated;
    const data = Buffer.from("data");
    const key = await importSigningKey(JSON.parse(JSON.stringify(privateJwk)));
    expect(key).toEqual({ kid, algorithm, sign: expect.any(Function) });
    expect(importVerificationKey(publicJwk).verify(data, key.sign(data))).toBe(true);
    expect(inspect(key, { depth: null, showHidden: true })).not.toContain(privateJwk.d);
  });

  it("is refused when it is public, damaged or another kind, and the error holds none of it", async () => {
    const { publicJwk, privateJwk } = await generated;
    const others = [
      null,
      "key",
      {},
      publicJwk,
      { ...privateJwk, alg: "HS256" },
      { ...privateJwk, kid: "a b" },
      { ...privateJwk, d: 1 },
    ];
    for (const other of others) await expect(importSigningKey(other)).rejects.toThrow(TypeError);
    const wrongNumbers = { ...privateJwk, d: "A".repeat(43), ...("n" in privateJwk ? { n: "A".repeat(342) } : {}) };
    await expect(importSigningKey(wrongNumbers)).rejects.toThrow(
      "Not a private signing key: its public and private halves do not fit.",
    );
    const damaged = importSigningKey({ ...privateJwk, x: "secret!", n: "secret!" });
    await expect(damaged).rejects.toThrow(/^Not a private signing key: [nx] is missing or malformed\.$/);
  });
});

it("refuses an RSA key under 2048 bits", async () => {
  const jwk = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "jwk" });
  await expect(importSigningKey({ ...jwk, kid: "k", alg: "RS256", use: "sig" })).rejects.toThrow(TypeError);
});
