import { describe, expect, it } from "vitest";
import type { Identity } from "./identity.ts";
import { createRevocations } from "./revocations.ts";

const second = 1_800_000_000;

function setUp() {
  const clock = { at: second * 1000 };
  return { clock, revocations: createRevocations({ now: () => clock.at }) };
}

function userToken(issuedAt: number): Identity {
  const user = { id: "u1", roles: [], permissions: [], sessionId: "s1", authenticatedAt: issuedAt };
  return { user, service: null, token: { id: "t1", exchangedFrom: [], issuedAt, expiresAt: issuedAt + 600 } };
}

function serviceToken(name: "orders", chain: readonly "products"[] = []): Identity {
  return {
    user: null,
    service: { name, chain },
    token: { id: "t2", exchangedFrom: [], issuedAt: second, expiresAt: second + 300 },
  };
}

describe("revocations", () => {
  it.each([
    { kind: "session", id: "s1" },
    { kind: "user", id: "u1" },
    { kind: "token", id: "t1" },
  ] as const)("a revoked $kind ends the user's token", ({ kind, id }) => {
    const { revocations } = setUp();
    expect(revocations.covers(userToken(second))).toBe(false);
    revocations.apply({ kind, id, expiresAt: second + 600 });
    expect(revocations.covers(userToken(second))).toBe(true);
  });

  it("a user's tokens issued after the revocation stand", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "user", id: "u1", issuedBefore: second, expiresAt: second + 600 });
    expect(revocations.covers(userToken(second))).toBe(true);
    expect(revocations.covers(userToken(second + 1))).toBe(false);
  });

  it("an older revocation that arrives late never undoes a newer one", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "user", id: "u1", issuedBefore: second + 50, expiresAt: second + 700 });
    revocations.apply({ kind: "user", id: "u1", issuedBefore: second, expiresAt: second + 600 });
    expect(revocations.covers(userToken(second + 50))).toBe(true);
  });

  it("a revoked service ends its own calls and those that came through it", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "service", id: "products", expiresAt: second + 600 });
    expect(revocations.covers(serviceToken("orders"))).toBe(false);
    expect(revocations.covers(serviceToken("orders", ["products"]))).toBe(true);
  });

  it("a revoked token ends what was exchanged for it, and for that", () => {
    const { revocations } = setUp();
    const { token, ...who } = userToken(second);
    const exchanged: Identity = { ...who, token: { ...token, id: "t3", exchangedFrom: ["t2", "t1"] } };
    revocations.apply({ kind: "token", id: "t3x", expiresAt: second + 600 });
    expect(revocations.covers(exchanged)).toBe(false);
    revocations.apply({ kind: "token", id: "t1", expiresAt: second + 600 });
    expect(revocations.covers(exchanged)).toBe(true);
  });

  it("an entry leaves once no token that it matches can be alive", () => {
    const { clock, revocations } = setUp();
    revocations.apply({ kind: "session", id: "s1", expiresAt: second + 600 });
    clock.at += 601_000;
    revocations.apply({ kind: "session", id: "s2", expiresAt: second + 1_200 });
    expect(revocations.size()).toBe(1);
  });

  it("tells of each revocation when it already covers, until the listener has had enough", () => {
    const { revocations } = setUp();
    const told: [string, boolean][] = [];
    const stop = revocations.onApplied(({ id }) => told.push([id, revocations.covers(serviceToken("orders"))]));
    revocations.apply({ kind: "service", id: "orders", expiresAt: second + 600 });
    stop();
    revocations.apply({ kind: "service", id: "products", expiresAt: second + 600 });
    expect(told).toEqual([["orders", true]]);
  });
});
