import { createInProcessBus } from "@countersign/events";
import { createTestIssuer, silentLog } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { Refusal } from "./errors.ts";
import { followRevocations, revocationTopic } from "./follow-revocations.ts";
import { createRevocations } from "./revocations.ts";
import { createVerifier } from "./verifier.ts";

async function setUp() {
  const issuer = await createTestIssuer();
  const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
  const revocations = createRevocations({ now: Date.now });
  const { keys } = issuer;
  const policy = { service: "orders", issuer: issuer.issuer, algorithms: ["ES256"] } as const;
  const verifier = createVerifier({ ...policy, keys, revocations, now: Date.now });
  const revokedKeys: string[] = [];
  const revokeKey = (kid: string) => void revokedKeys.push(kid);
  const follow = () => followRevocations({ bus, revocations, verifier, revokeKey, log: silentLog });
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  return { issuer, bus, verifier, revokedKeys, follow, expiresAt };
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
});
