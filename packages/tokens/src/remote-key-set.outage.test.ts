import { describe, expect, it } from "vitest";
import { createFakeJwks, down, jwks, settled } from "../test/fake-jwks.ts";
import { codeOf, createTestIssuer } from "../test/fixtures.ts";

const first = await createTestIssuer("EdDSA");
const second = await createTestIssuer("EdDSA");
const kid = first.key.kid;
const hour = 3600;

describe("an outage", () => {
  it("at the start refuses nobody for their token, and ends a second after the issuer is back", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    const { answer } = issuer;
    issuer.answer = down;
    for (let asked = 0; asked < 20; asked += 1) {
      expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("keys_unavailable");
      issuer.pass(0.25);
    }
    expect(issuer.attempts).toEqual([0, 1, 2, 3, 4]);
    issuer.answer = answer;
    expect(await issuer.keys.find(kid, "EdDSA")).toMatchObject({ kid });
  });

  it("later costs one attempt each 30 seconds while the last good set is served for an hour, and no longer", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    const { answer } = issuer;
    issuer.answer = down;
    for (let time = 0; time < hour; time += 1) {
      expect(issuer.keys.find(kid, "EdDSA")).not.toBeInstanceOf(Promise);
      await settled();
      issuer.pass(1);
    }
    const every30 = Array.from({ length: 110 }, (_, index) => 300 + index * 30);
    expect(issuer.attempts).toEqual([0, ...every30]);
    expect(issuer.keys.state()).toMatchObject({ status: "expired", failure: "unreachable" });
    expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("keys_unavailable");
    expect(await codeOf(() => issuer.keys.load())).toBe("keys_unavailable");
    expect(issuer.attempts.length).toBe(112);
    issuer.answer = answer;
    expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("keys_unavailable");
    issuer.pass(30);
    expect(await issuer.keys.find(kid, "EdDSA")).toMatchObject({ kid });
    expect(issuer.keys.state()).toMatchObject({ status: "fresh", failure: undefined });
    expect(await codeOf(() => issuer.keys.find("other", "EdDSA"))).toBe("unknown_key");
  });

  it("makes an unknown kid a case that cannot be decided, with the reason as the cause", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.answer = () => new Response("busy", { status: 503 });
    const refusal = { code: "keys_unavailable", cause: { failure: "bad_status" } };
    await expect(issuer.keys.find("other", "EdDSA")).rejects.toMatchObject(refusal);
    issuer.pass(1);
    await expect((async () => issuer.keys.find("another", "EdDSA"))()).rejects.toMatchObject(refusal);
    expect(issuer.attempts).toEqual([0, 0]);
  });

  it.each([
    ["bad_status", () => new Response("{}", { status: 500 })],
    ["bad_status", () => new Response(null, { status: 204 })],
    ["redirected", () => Response.redirect("https://evil.example/keys", 302)],
    ["too_large", () => new Response("x".repeat(70_000))],
    ["not_a_key_set", () => new Response("<html>")],
    ["not_a_key_set", () => Response.json([])],
    ["not_a_key_set", () => Response.json({ keys: {} })],
    ["not_a_key_set", () => new Response('{"keys":[],"keys":[]}')],
    ["not_a_key_set", () => jwks(Array.from({ length: 65 }, () => first.publicJwk))],
    ["not_a_key_set", () => jwks([first.publicJwk, { ...second.publicJwk, kid }])],
    ["empty", () => jwks([])],
    ["empty", () => jwks([{ ...first.publicJwk, d: "A".repeat(43) }])],
    [
      "empty",
      () =>
        jwks([
          { ...first.publicJwk, use: "enc" },
          { kty: "oct", k: "c2VjcmV0", kid: "s", alg: "HS256", use: "sig" },
        ]),
    ],
    ["unreachable", down],
    ["unreachable", () => Promise.reject(new Error("reset"))],
  ])("is whatever answer cannot be believed: %s, case %#", async (failure, answer) => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.answer = answer;
    issuer.pass(300);
    await issuer.keys.find(kid, "EdDSA");
    await settled();
    expect(issuer.keys.state()).toMatchObject({ status: "stale", kids: [kid], failure });
    expect(issuer.keys.find(kid, "EdDSA")).toMatchObject({ kid });
  });

  it("is an issuer that never answers: the attempt ends by itself, and holds up no token that is known", async () => {
    const issuer = createFakeJwks([first.publicJwk], { timeoutMs: 20 });
    await issuer.keys.load();
    issuer.answer = () => new Promise(() => undefined);
    const unknown = issuer.keys.find("other", "EdDSA");
    expect(issuer.keys.find(kid, "EdDSA")).not.toBeInstanceOf(Promise);
    await expect(unknown).rejects.toMatchObject({ code: "keys_unavailable", cause: { failure: "timed_out" } });
  });
});
