import { describe, expect, it } from "vitest";
import { createFakeJwks, jwks, settled } from "../test/fake-jwks.ts";
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
    await issuer.keys.find(kid, "EdDSA");
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
