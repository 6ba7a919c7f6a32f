import { describe, expect, it } from "vitest";
import { createFakeJwks, jwks, settled } from "../test/fake-jwks.ts";
import { codeOf, createTestIssuer } from "../test/fixtures.ts";

const first = await createTestIssuer("EdDSA");
const second = await createTestIssuer("EdDSA");
const kid = first.key.kid;

describe("unknown kids", () => {
  it("by the ten thousand cost one attempt each 30 seconds, a bounded memory, and good tokens nothing", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.pass(60);
    let waited = 0;
    const storm = Array.from({ length: 10_000 }, async (_, index) => {
      const code = await codeOf(() => issuer.keys.find(`unknown-${index}`, "EdDSA"));
      if (issuer.keys.find(kid, "EdDSA") instanceof Promise) waited += 1;
      return code;
    });
    expect(new Set(await Promise.all(storm))).toEqual(new Set(["unknown_key"]));
    expect(waited).toBe(0);
    expect(issuer.attempts).toEqual([0, 60]);
    expect(issuer.keys.state().unknownKids).toBe(1024);
    for (let tick = 0; tick < 240; tick += 1) {
      await codeOf(() => issuer.keys.find(`late-${tick}`, "EdDSA"));
      issuer.pass(1);
    }
    expect(issuer.attempts).toEqual([0, 60, 90, 120, 150, 180, 210, 240, 270]);
  });

  it("are remembered: the same one asks the issuer again only when the set is due", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    for (let time = 0; time < 600; time += 1) {
      expect(await codeOf(() => issuer.keys.find("gone", "EdDSA"))).toBe("unknown_key");
      issuer.pass(1);
    }
    expect(issuer.attempts).toEqual([0, 0, 300]);
  });

  it("are looked up again once a refresh has brought them", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    expect(await codeOf(() => issuer.keys.find(second.key.kid, "EdDSA"))).toBe("unknown_key");
    issuer.answer = () => jwks([first.publicJwk, second.publicJwk]);
    issuer.pass(300);
    await issuer.keys.find(kid, "EdDSA");
    await settled();
    expect(issuer.keys.find(second.key.kid, "EdDSA")).toMatchObject({ kid: second.key.kid });
  });
});
