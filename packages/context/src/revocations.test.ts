import { describe, expect, it } from "vitest";
import type { Identity } from "./identity.ts";
import { createRevocations } from "./revocations.ts";

const second = 1_800_000_000;
const expiresAt = second + 600;

/** Two clocks: the one on the wall, which somebody may set, and the one that only runs; milliseconds. */
function setUp() {
  const clock = { wall: second * 1000, elapsed: 0 };
  const revocations = createRevocations({ now: () => clock.wall, elapsed: () => clock.elapsed });
  const pass = (seconds: number) => {
    clock.wall += seconds * 1000;
    clock.elapsed += seconds * 1000;
  };
  return { clock, pass, revocations };
}

const times = { issuedAt: second, expiresAt };

function userToken({ version = 0, sessionId = "s1" } = {}): Identity {
  const user = { id: "u1", roles: [], permissions: [], sessionId, authenticatedAt: second };
  return {
    user,
    service: null,
    token: { id: "t1", exchangedFrom: [], userVersion: version, services: [], ...times },
  };
}

function serviceToken(...services: Identity["token"]["services"]): Identity {
  const [caller = { name: "orders" }, ...chain] = services;
  return {
    user: null,
    service: { name: caller.name, chain: chain.map(({ name }) => name) },
    token: { id: "t2", exchangedFrom: [], userVersion: null, services, ...times },
  };
}

const orders = { name: "orders", version: 0 } as const;
const products = { name: "products", version: 0 } as const;

describe("revocations", () => {
  it.each([
    { kind: "session", id: "s1" },
    { kind: "user", id: "u1", below: 1 },
    { kind: "token", id: "t1" },
  ] as const)("a revoked $kind ends the user's token", (revocation) => {
    const { revocations } = setUp();
    expect(revocations.covers(userToken())).toBe(false);
    revocations.apply({ ...revocation, expiresAt });
    expect(revocations.covers(userToken())).toBe(true);
  });

  it("of a user end the tokens below a version, whenever they were issued", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "user", id: "u1", below: 4, expiresAt });
    expect(revocations.covers(userToken({ version: 3 }))).toBe(true);
    expect(revocations.covers(userToken({ version: 4 }))).toBe(false);
  });

  it("an older revocation that arrives late never undoes a newer one", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "user", id: "u1", below: 5, expiresAt: second + 700 });
    revocations.apply({ kind: "user", id: "u1", below: 2, expiresAt });
    expect(revocations.covers(userToken({ version: 4 }))).toBe(true);
  });

  it("spare the session that changed the password, and no rights of it that had ended before", () => {
    const { revocations } = setUp();
    const isEnded = (version: number, sessionId: string) => revocations.covers(userToken({ version, sessionId }));
    revocations.apply({ kind: "user", id: "u1", below: 2, expiresAt });
    revocations.apply({ kind: "user", id: "u1", below: 4, except: "s1", expiresAt });
    expect([isEnded(3, "s1"), isEnded(3, "s2"), isEnded(1, "s1"), isEnded(4, "s2")]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    revocations.apply({ kind: "user", id: "u1", below: 5, expiresAt });
    expect([isEnded(4, "s1"), isEnded(5, "s1")]).toEqual([true, false]);
  });

  it.each([0, 1])(
    "of two password changes, in whichever order they come, spare the last session alone (%s)",
    (swap) => {
      const { revocations } = setUp();
      const changes = [
        { kind: "user", id: "u1", below: 2, except: "s1", expiresAt },
        { kind: "user", id: "u1", below: 3, except: "s2", expiresAt },
      ] as const;
      for (const change of swap === 1 ? changes.toReversed() : changes) revocations.apply(change);
      const ended = [1, 2].flatMap((version) =>
        ["s1", "s2", "s3"].map((sessionId) => revocations.covers(userToken({ version, sessionId }))),
      );
      expect(ended).toEqual([true, true, true, true, false, true]);
    },
  );

  it("a disabled service's calls end, and those that came through it, until it is enabled again", () => {
    const { revocations } = setUp();
    revocations.apply({ kind: "service", id: "products", below: 1, expiresAt });
    expect(revocations.covers(serviceToken(orders))).toBe(false);
    expect(revocations.covers(serviceToken(orders, products))).toBe(true);
    expect(revocations.covers(serviceToken(orders, { ...products, version: 1 }))).toBe(false);
  });

  it("a revoked token ends what was exchanged for it, and for that", () => {
    const { revocations } = setUp();
    const { token, ...who } = userToken();
    const exchanged: Identity = { ...who, token: { ...token, id: "t3", exchangedFrom: ["t2", "t1"] } };
    revocations.apply({ kind: "token", id: "t3x", expiresAt });
    expect(revocations.covers(exchanged)).toBe(false);
    revocations.apply({ kind: "token", id: "t1", expiresAt });
    expect(revocations.covers(exchanged)).toBe(true);
  });

  it("an entry leaves once no token that it matches can be alive", () => {
    const { pass, revocations } = setUp();
    revocations.apply({ kind: "session", id: "s1", expiresAt });
    pass(901);
    revocations.apply({ kind: "session", id: "s2", expiresAt: second + 1_500 });
    expect(revocations.size()).toBe(1);
  });

  it.each([1_800, 3_600])("a wall clock that is set %s s ahead, and back, ends no entry", (seconds) => {
    const { clock, pass, revocations } = setUp();
    revocations.apply({ kind: "session", id: "s1", expiresAt });
    pass(60);
    clock.wall += seconds * 1000;
    revocations.apply({ kind: "session", id: "s2", expiresAt: expiresAt + seconds });
    clock.wall -= seconds * 1000;
    expect(revocations.covers(userToken())).toBe(true);
  });

  it("a wall clock that was ahead when a token was issued keeps its entry until the token has ended", () => {
    const { pass, revocations } = setUp();
    revocations.apply({ kind: "session", id: "s1", expiresAt: second + 2_400 });
    pass(1_860);
    revocations.apply({ kind: "session", id: "s2", expiresAt: second + 3_000 });
    expect(revocations.covers(userToken())).toBe(true);
  });

  it("tells of each revocation when it already covers, until the listener has had enough", () => {
    const { revocations } = setUp();
    const told: [string, boolean][] = [];
    const stop = revocations.onApplied(({ id }) => told.push([id, revocations.covers(serviceToken(orders))]));
    revocations.apply({ kind: "service", id: "orders", below: 1, expiresAt });
    stop();
    revocations.apply({ kind: "service", id: "products", below: 1, expiresAt });
    expect(told).toEqual([["orders", true]]);
  });
});
