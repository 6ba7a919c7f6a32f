import { createInProcessBus, type EventBus } from "@countersign/events";
import { createFakeClock, createTestFeed, createTestIssuer, silentLog, type TestFeed } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { checkByKeys } from "./check-by-keys.ts";
import { Refusal } from "./errors.ts";
import { followRevocations, revocationTopic } from "./follow-revocations.ts";
import type { RevocationSource } from "./revocation-source.ts";
import { createRevocations } from "./revocations.ts";
import { createVerifier } from "./verifier.ts";

async function setUp() {
  const issuer = await createTestIssuer();
  const clock = createFakeClock();
  const bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
  const revocations = createRevocations({ now: Date.now });
  const check = checkByKeys(issuer.keys);
  const policy = { service: "orders", issuer: issuer.issuer, algorithms: ["ES256"] } as const;
  const verifier = createVerifier({ ...policy, check, revocations, now: Date.now });
  const revokedKeys: string[] = [];
  const revokeKey = (kid: string) => void revokedKeys.push(kid);
  const { now } = clock;
  const common = { revocations, verifier, revokeKey, log: silentLog, now, elapsed: now };
  const follow = (over: { bus?: EventBus; source?: RevocationSource } = {}) =>
    followRevocations({ bus, source: issuer.feed.source, ...common, ...over });
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  const session = (id: string) => ({ kind: "session", id, expiresAt }) as const;
  /** `ok`, or the reason why a token of this session is refused. */
  const worth = async (sessionId: string) => await outcomeOf(verifier.verify(await issuer.userToken({ sessionId })));
  return { issuer, feed: issuer.feed, bus, clock, revokedKeys, follow, expiresAt, session, worth };
}

async function outcomeOf(verified: Promise<unknown>): Promise<string | undefined> {
  try {
    await verified;
    return "ok";
  } catch (error) {
    return error instanceof Refusal ? error.reason : String(error);
  }
}

/** Auth cannot be asked: only what the bus retains is known. */
const withoutAsking = ({ source }: TestFeed): RevocationSource => ({ issuer: source.issuer, keys: source.keys });

describe("followRevocations", () => {
  it("knows what was revoked before it came, once it is ready, and what is revoked after", async () => {
    const { feed, bus, follow, session, worth } = await setUp();
    await feed.publish(bus, session("before"));
    const followed = follow();
    await followed.ready;
    expect([followed.state(), await worth("before"), await worth("after")]).toEqual(["live", "revoked", "ok"]);
    await feed.publish(bus, session("after"));
    await expect.poll(() => worth("after")).toBe("revoked");
    await followed.close();
  });

  it("drops a revoked signing key everywhere", async () => {
    const { feed, bus, revokedKeys, follow, expiresAt } = await setUp();
    const followed = follow();
    await feed.publish(bus, { kind: "key", id: "kid-1", expiresAt });
    await expect.poll(() => revokedKeys).toContain("kid-1");
    await followed.close();
  });

  it("says how far behind it may be, by a clock that nobody sets", async () => {
    const { feed, bus, clock, follow } = await setUp();
    const followed = follow();
    await followed.ready;
    expect(followed.lag().seconds).toBe(0);
    clock.advance(2);
    expect(followed.lag().seconds).toBe(2);
    await feed.heartbeat(bus);
    await expect.poll(() => followed.lag().seconds).toBe(0);
    await followed.close();
  });
});

describe("a bus that others can write to", () => {
  it.each<[string, (set: string) => unknown]>([
    ["what is no event of ours", () => ({ kind: "session", id: "victim" })],
    ["an event without a signature that fits", (set) => ({ set: `${set.slice(0, -8)}AAAAAAAA` })],
    ["something that is no token", () => ({ set: "abc" })],
  ])("revokes nobody by %s, which is counted", async (_what, forge) => {
    const { feed, bus, follow, session, worth } = await setUp();
    const followed = follow();
    await followed.ready;
    const [stolen] = await eventsOf(bus, () =>
      feed.publish(createInProcessBus({ now: Date.now, retentionMs: 1_000 }), session("other")),
    );
    await bus.publish(revocationTopic, { key: "1", data: forge(stolen ?? "x.y.zzzzzzzz") });
    await expect.poll(() => followed.counts().rejected).toBe(1);
    expect(await worth("victim")).toBe("ok");
    await followed.close();
  });

  it("revokes nobody by the events of another issuer, or by ones for somebody else", async () => {
    const { feed, bus, follow, session, worth } = await setUp();
    const followed = follow();
    await followed.ready;
    const forger = await createTestFeed(feed.source.issuer, Date.now);
    await forger.publish(bus, session("victim"));
    await expect.poll(() => followed.counts().rejected).toBe(1);
    expect([await worth("victim"), followed.state()]).toEqual(["ok", "live"]);
    await followed.close();
  });

  it("takes no revocation of a user that has no bound", async () => {
    const { feed, bus, follow, expiresAt } = await setUp();
    const followed = follow();
    await followed.ready;
    await feed.publish(bus, { kind: "user", id: "u", expiresAt });
    await expect.poll(() => followed.counts().rejected).toBe(1);
    await followed.close();
  });

  it("suppresses nothing: what is missing is noticed by the next number, and asked for", async () => {
    const { feed, bus, follow, session, worth } = await setUp();
    const followed = follow();
    await followed.ready;
    const nowhere = createInProcessBus({ now: Date.now, retentionMs: 1_000 });
    await feed.publish(nowhere, session("suppressed"));
    expect(await worth("suppressed")).toBe("ok");
    await feed.publish(bus, session("next"));
    await expect.poll(() => worth("suppressed")).toBe("revoked");
    expect(followed.counts().resyncs).toBe(1);
    await followed.close();
  });

  it("suppresses nothing: what is missing is noticed by the next heartbeat, unless that one is replayed", async () => {
    const { feed, bus, follow, session, worth } = await setUp();
    const followed = follow({ source: withoutAsking(feed) });
    await feed.heartbeat(bus);
    await followed.ready;
    const [old] = await eventsOf(bus, () => feed.heartbeat(bus));
    await feed.publish(createInProcessBus({ now: Date.now, retentionMs: 1_000 }), session("suppressed"));
    await bus.publish(revocationTopic, { key: "again", data: { set: old } });
    await feed.heartbeat(bus);
    await expect.poll(() => followed.state()).toBe("behind");
    await feed.publish(bus, session("suppressed"), 1);
    await expect.poll(() => followed.state()).toBe("live");
    expect(await worth("suppressed")).toBe("revoked");
    await followed.close();
  });

  it("proves nothing by a heartbeat that it repeats", async () => {
    const { feed, bus, clock, follow } = await setUp();
    const followed = follow({ source: withoutAsking(feed) });
    const [beat] = await eventsOf(bus, () => feed.heartbeat(bus));
    await followed.ready;
    clock.advance(11);
    await bus.publish(revocationTopic, { key: "again", data: { set: beat } });
    expect(followed.state()).toBe("behind");
    await feed.heartbeat(bus);
    await expect.poll(() => followed.state()).toBe("live");
    await followed.close();
  });

  it("is no complete snapshot when it was emptied: auth is asked, and without it nothing is called complete", async () => {
    const { feed, follow, session, worth } = await setUp();
    const purged = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
    await feed.publish(createInProcessBus({ now: Date.now, retentionMs: 1_000 }), session("before-the-purge"));
    const alone = follow({ bus: purged, source: withoutAsking(feed) });
    await feed.heartbeat(purged);
    await expect.poll(() => alone.state()).toBe("starting");
    await alone.close();
    const asking = follow({ bus: purged });
    await asking.ready;
    expect([asking.state(), await worth("before-the-purge")]).toEqual(["live", "revoked"]);
    await asking.close();
  });

  it("is not needed while it is silent: auth is asked again and again", async () => {
    const { feed, clock, follow, session, worth } = await setUp();
    const silent = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
    const followed = follow({ bus: silent });
    await followed.ready;
    await feed.publish(createInProcessBus({ now: Date.now, retentionMs: 1_000 }), session("unheard"));
    clock.advance(4);
    await expect.poll(() => worth("unheard"), { timeout: 3_000 }).toBe("revoked");
    expect(followed.lag().seconds).toBe(0);
    await followed.close();
  });

  it("cannot keep a service in the past by bringing everything late and in order", async () => {
    const { feed, bus, clock, follow, session, worth } = await setUp();
    const followed = follow();
    await followed.ready;
    const late = createInProcessBus({ now: Date.now, retentionMs: 1_000 });
    await feed.publish(late, session("ended"));
    for (let beat = 1; beat <= 10; beat += 1) {
      clock.advance(1);
      await feed.heartbeat(late);
      await feed.heartbeat(bus, { number: 0, beat });
    }
    await expect.poll(() => worth("ended"), { timeout: 3_000 }).toBe("revoked");
    clock.advance(11);
    await feed.heartbeat(bus, { number: 1, beat: 11 }); // auth has counted twice as many
    expect(followed.state()).toBe("behind");
    await followed.close();
  });

  it("may deliver in any order and more than once", async () => {
    const { feed, bus, follow, session, worth } = await setUp();
    const followed = follow();
    await followed.ready;
    for (const number of [3, 1, 3, 2]) await feed.publish(bus, session(`s${number}`), number);
    await expect.poll(() => followed.state()).toBe("live");
    expect(await Promise.all(["s1", "s2", "s3"].map(worth))).toEqual(["revoked", "revoked", "revoked"]);
    await followed.close();
  });
});

/** The tokens of the events that somebody publishes meanwhile, on whichever bus this is. */
async function eventsOf(bus: EventBus, publishing: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const subscription = bus.subscribe(revocationTopic, { onEvent: ({ data }) => void seen.push(Object(data).set) });
  await subscription.ready;
  seen.length = 0;
  await publishing();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await subscription.close();
  return seen;
}
