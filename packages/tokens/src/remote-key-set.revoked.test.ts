import { describe, expect, it } from "vitest";
import { createFakeJwks, jwks, settled } from "../test/fake-jwks.ts";
import { codeOf, createTestIssuer, policyFor } from "../test/fixtures.ts";
import { verifyCompact } from "./verify.ts";

const first = await createTestIssuer("EdDSA");
const second = await createTestIssuer("EdDSA");
const kid = first.key.kid;

describe("a revoked key", () => {
  it("is dropped at once and stays out, whatever the issuer goes on to publish", async () => {
    const issuer = createFakeJwks([first.publicJwk, second.publicJwk]);
    await issuer.keys.load();
    issuer.keys.revoke(kid);
    expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("revoked_key");
    expect(await codeOf(() => verifyCompact(first.token, issuer.keys, policyFor("EdDSA")))).toBe("revoked_key");
    for (let round = 0; round < 3; round += 1) {
      issuer.pass(300);
      await issuer.keys.find(second.key.kid, "EdDSA");
      await settled();
      expect(issuer.keys.state().kids).toEqual([second.key.kid]);
      expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("revoked_key");
    }
  });

  it("is refused by an attempt that was under way, and by one that was never made", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    const early = issuer.keys.find(kid, "EdDSA");
    issuer.keys.revoke(kid);
    expect(await codeOf(() => early)).toBe("revoked_key");
    const cold = createFakeJwks([first.publicJwk]);
    cold.keys.revoke(kid);
    expect(await codeOf(() => cold.keys.find(kid, "EdDSA"))).toBe("revoked_key");
    expect(cold.attempts).toEqual([]);
  });

  it("lets the key that takes over be found at once, even one that was asked for too early", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    expect(await codeOf(() => issuer.keys.find(second.key.kid, "EdDSA"))).toBe("unknown_key");
    issuer.answer = () => jwks([second.publicJwk]);
    issuer.keys.revoke(kid);
    expect(await issuer.keys.find(second.key.kid, "EdDSA")).toMatchObject({ kid: second.key.kid });
    expect(issuer.attempts).toEqual([0, 0, 0]);
  });
});
