import { describe, expect, it } from "vitest";
import { codeOf, createTestIssuer } from "../test/fixtures.ts";
import type { PublicJwk } from "./jwk.ts";
import { createLocalKeySet } from "./local-key-set.ts";

const first = await createTestIssuer("EdDSA");
const second = await createTestIssuer("ES256");

describe("createLocalKeySet", () => {
  it("gives a key without a promise, and imports it once", () => {
    const keys = createLocalKeySet(() => list);
    const list = [first.publicJwk, second.publicJwk];
    expect(keys.find(first.key.kid, "EdDSA")).toMatchObject({ kid: first.key.kid, algorithm: "EdDSA" });
    expect(keys.find(first.key.kid, "EdDSA")).toBe(keys.find(first.key.kid, "EdDSA"));
  });

  it("finds a key for its own algorithm only, and knows no other kid", async () => {
    const keys = createLocalKeySet(() => list);
    const list = [first.publicJwk, second.publicJwk];
    expect(await codeOf(() => keys.find(first.key.kid, "ES256"))).toBe("wrong_algorithm");
    expect(await codeOf(() => keys.find(first.key.kid, "HS256"))).toBe("wrong_algorithm");
    expect(await codeOf(() => keys.find("other", "EdDSA"))).toBe("unknown_key");
    expect(await codeOf(() => keys.find("__proto__", "EdDSA"))).toBe("unknown_key");
  });

  it("follows the list when it changes", async () => {
    let list: readonly PublicJwk[] = [first.publicJwk];
    const keys = createLocalKeySet(() => list);
    expect(await codeOf(() => keys.find(first.key.kid, "EdDSA"))).toBe("passed");
    list = [second.publicJwk];
    expect(await codeOf(() => keys.find(first.key.kid, "EdDSA"))).toBe("unknown_key");
    expect(await codeOf(() => keys.find(second.key.kid, "ES256"))).toBe("passed");
  });

  it("passes over a key that is none", async () => {
    const offCurve = { ...second.publicJwk, x: "A".repeat(43) };
    const short = {
      kty: "RSA",
      n: "A".repeat(340).concat("AQ"),
      e: "AQAB",
      alg: "RS256",
      use: "sig",
      kid: "short",
    } as const;
    const keys = createLocalKeySet(() => list);
    const list: readonly PublicJwk[] = [offCurve, short];
    expect(await codeOf(() => keys.find(offCurve.kid, "ES256"))).toBe("unknown_key");
    expect(await codeOf(() => keys.find("short", "RS256"))).toBe("unknown_key");
  });
});
