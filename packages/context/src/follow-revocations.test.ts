import { createInProcessBus, type EventBus } from "@countersign/events";
import { createFakeClock, createTestIssuer, silentLog } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { checkByKeys } from "./check-by-keys.ts";
import { Refusal } from "./errors.ts";
import { followRevocations, revocationTopic } from "./follow-revocations.ts";
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
  const follow = (over: EventBus = bus) =>
    followRevocations({ bus: over, revocations, verifier, revokeKey, log: silentLog, now: clock.now });
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  return { issuer, bus, clock, verifier, revokedKeys, follow, expiresAt };
}

/** `ok`, or the reason of the refusal. */
async function outcomeOf(verified: Promise<unknown>): Promise<string | undefined> {
  try {
    await verified;
    return "ok";
  } catch (error) {
    return error instanceof Refusal ? error.reason : String(error);
  }
}

describe("followRevocations", () => {
  it("knows what was revoked before it came, once it is ready, and what is revoked after", async () => {
    const { issuer, bus, verifier, follow, expiresAt } = await setUp();
    await bus.publish(revocationTopic, { key: "1", data: { kind: "session", id: "before", expiresAt } });
    const feed = follow();
    await feed.ready;
    expect(feed.state()).toBe("live");
    const early = await issuer.userToken({ sessionId: "before" });
    await expect(verifier.verify(early)).rejects.toMatchObject({ reason: "revoked" });

    const late = await issuer.userToken({ sessionId: "after" });
    await verifier.verify(late);
    await bus.publish(revocationTopic, { key: "2", data: { kind: "session", id: "after", expiresAt } });
    await expect.poll(() => outcomeOf(verifier.verify(late))).toBe("revoked");
    await feed.close();
  });

  it("drops a revoked signing key everywhere", async () => {
    const { bus, revokedKeys, follow, expiresAt } = await setUp();
    const feed = follow();
    await bus.publish(revocationTopic, { key: "1", data: { kind: "key", id: "kid-1", expiresAt } });
    await expect.poll(() => revokedKeys).toEqual(["kid-1"]);
    await feed.close();
  });

  it("leaves out what it cannot read and goes on", async () => {
    const { issuer, bus, verifier, follow, expiresAt } = await setUp();
    const feed = follow();
    await bus.publish(revocationTopic, { key: "1", data: { kind: "planet", id: 4 } });
    await bus.publish(revocationTopic, { key: "2", data: { kind: "session", id: "s", expiresAt } });
    const token = await issuer.userToken({ sessionId: "s" });
    await expect.poll(() => outcomeOf(verifier.verify(token))).toBe("revoked");
    await feed.close();
  });

  it("says how far behind it may be: since the last proof of life, and how long that was under way", async () => {
    const { bus, clock, follow } = await setUp();
    await bus.publish(revocationTopic, { key: "old", data: { kind: "beat" } });
    clock.advance(20);
    const feed = follow();
    await feed.ready;
    expect(feed.lag()).toEqual({ seconds: 0, deliverySeconds: null });
    clock.advance(4);
    expect(feed.lag()).toEqual({ seconds: 4, deliverySeconds: null });
    await bus.publish(revocationTopic, { key: "beat", data: { kind: "beat" } });
    await expect.poll(() => feed.lag()).toEqual({ seconds: 0, deliverySeconds: 0 });
    clock.advance(7);
    expect(feed.lag()).toEqual({ seconds: 7, deliverySeconds: 0 });
    await feed.close();
  });

  it("counts the time that an event was under way", async () => {
    const { bus, clock, follow } = await setUp();
    const slow: EventBus = {
      ...bus,
      subscribe: (topic, options) =>
        bus.subscribe(topic, {
          ...options,
          onEvent: (event) => {
            clock.advance(3);
            return options.onEvent(event);
          },
        }),
    };
    const feed = follow(slow);
    await feed.ready;
    await bus.publish(revocationTopic, { key: "beat", data: { kind: "beat" } });
    await expect.poll(() => feed.lag()).toEqual({ seconds: 3, deliverySeconds: 3 });
    await feed.close();
  });
});
