import { describe, expect, it } from "vitest";
import { createFakeJwks, down, jwks } from "../test/fake-jwks.ts";
import { codeOf, createTestIssuer, policyFor, userClaims } from "../test/fixtures.ts";
import { createRemoteKeySet } from "./remote-key-set.ts";
import { verifyCompact } from "./verify.ts";

const first = await createTestIssuer("EdDSA");
const second = await createTestIssuer("EdDSA");
const kid = first.key.kid;
const hour = 3600;

describe("a remote key set that works", () => {
  it("fetches once for everybody who asks at the start, then answers without a promise", async () => {
    const { keys, attempts } = createFakeJwks([first.publicJwk]);
    const claims = await Promise.all(
      Array.from({ length: 50 }, () => verifyCompact(first.token, keys, policyFor("EdDSA"))),
    );
    expect(claims[49]).toEqual(userClaims);
    expect(keys.find(kid, "EdDSA")).toMatchObject({ kid, algorithm: "EdDSA" });
    expect(attempts).toEqual([0]);
  });

  it("fetches again behind the callers when the set is five minutes old, and follows a rotation", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.answer = () => jwks([second.publicJwk]);
    issuer.pass(299);
    issuer.keys.find(kid, "EdDSA");
    expect(issuer.attempts).toEqual([0]);
    issuer.pass(1);
    expect(issuer.keys.find(kid, "EdDSA")).not.toBeInstanceOf(Promise);
    await settled();
    expect(issuer.attempts).toEqual([0, 300]);
    expect(issuer.keys.find(second.key.kid, "EdDSA")).toMatchObject({ kid: second.key.kid });
    expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("unknown_key");
  });

  it("finds a key that signs as soon as it is published, right after the start", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.answer = () => jwks([first.publicJwk, second.publicJwk]);
    issuer.pass(1);
    expect(await issuer.keys.find(second.key.kid, "EdDSA")).toMatchObject({ kid: second.key.kid });
    expect(issuer.attempts).toEqual([0, 1]);
  });

  it("finds a key for its own algorithm only", async () => {
    const { keys } = createFakeJwks([first.publicJwk]);
    expect(await codeOf(() => keys.find(kid, "RS256"))).toBe("wrong_algorithm");
    expect(await codeOf(() => keys.find(kid, "HS256"))).toBe("wrong_algorithm");
  });

  it("tells how it stands", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    expect(issuer.keys.state()).toMatchObject({ status: "empty", kids: [], attempts: 0, fetchedAt: undefined });
    await issuer.keys.load();
    expect(issuer.keys.state()).toMatchObject({ status: "fresh", kids: [kid], attempts: 1, failure: undefined });
    issuer.pass(301);
    expect(issuer.keys.state().status).toBe("stale");
    issuer.pass(hour);
    expect(issuer.keys.state().status).toBe("expired");
    await issuer.keys.load();
    expect(issuer.keys.state()).toMatchObject({ status: "fresh", attempts: 2 });
  });

  it("is not locked by a clock that is set back", async () => {
    const issuer = createFakeJwks([first.publicJwk]);
    await issuer.keys.load();
    issuer.pass(-2 * hour);
    expect(await issuer.keys.find(kid, "EdDSA")).toMatchObject({ kid });
    expect(issuer.attempts).toEqual([0, -2 * hour]);
    expect(issuer.keys.state().status).toBe("fresh");
  });
});

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
    for (let second = 0; second < hour; second += 1) {
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
    issuer.keys.find(kid, "EdDSA");
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
    for (let second = 0; second < 600; second += 1) {
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
    issuer.keys.find(kid, "EdDSA");
    await settled();
    expect(issuer.keys.find(second.key.kid, "EdDSA")).toMatchObject({ kid: second.key.kid });
  });
});

describe("a revoked key", () => {
  it("is dropped at once and stays out, whatever the issuer goes on to publish", async () => {
    const issuer = createFakeJwks([first.publicJwk, second.publicJwk]);
    await issuer.keys.load();
    issuer.keys.revoke(kid);
    expect(await codeOf(() => issuer.keys.find(kid, "EdDSA"))).toBe("revoked_key");
    expect(await codeOf(() => verifyCompact(first.token, issuer.keys, policyFor("EdDSA")))).toBe("revoked_key");
    for (let round = 0; round < 3; round += 1) {
      issuer.pass(300);
      issuer.keys.find(second.key.kid, "EdDSA");
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

describe("createRemoteKeySet", () => {
  it("refuses at construction what could not work", () => {
    const options = { fetch: () => Promise.reject(new Error("never")), now: () => 0 };
    expect(() => createRemoteKeySet({ ...options, url: "jwks.json" })).toThrow(TypeError);
    expect(() => createRemoteKeySet({ ...options, url: "file:///etc/keys" })).toThrow(TypeError);
    const url = "https://issuer.example/keys";
    for (const limits of [{ floorMs: 0 }, { timeoutMs: Number.NaN }, { staleMs: 1000 }, { maxBytes: -1 }]) {
      expect(() => createRemoteKeySet({ ...options, url, limits })).toThrow(RangeError);
    }
  });
});

/** Lets an attempt that is answered at once come to its end. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
