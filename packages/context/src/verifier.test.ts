import { createFakeClock, createTestIssuer, type FakeClock, type TestIssuer } from "@countersign/testing";
import { TokenError } from "@countersign/tokens";
import { beforeEach, describe, expect, it } from "vitest";
import { checkByKeys } from "./check-by-keys.ts";
import { createRevocations, type Revocations } from "./revocations.ts";
import { createVerifier, type Verifier, type VerifierDeps } from "./verifier.ts";

let clock: FakeClock;
let issuer: TestIssuer;
let revocations: Revocations;
let lookups: number;

beforeEach(async () => {
  clock = createFakeClock();
  issuer = await createTestIssuer(clock);
  revocations = createRevocations(clock);
  lookups = 0;
});

function verifierOf(changes: Partial<VerifierDeps> = {}): Verifier {
  const check = checkByKeys({
    find(kid, algorithm) {
      lookups += 1;
      return issuer.keys.find(kid, algorithm);
    },
  });
  const base = { service: "orders", issuer: issuer.issuer, algorithms: ["ES256"] } as const;
  return createVerifier({ ...base, check, revocations, now: clock.now, ...changes });
}

describe("the verifier", () => {
  it("gives the same frozen identity for the same token, verified once", async () => {
    const verifier = verifierOf();
    const token = await issuer.userToken();
    const [one, two] = await Promise.all([verifier.verify(token), verifier.verify(token)]);
    expect(two).toBe(one);
    expect(await verifier.verify(token)).toBe(one);
    expect(lookups).toBe(1);
    expect(verifier.remembered()).toEqual({ size: 1, hits: 1, misses: 2 });
    expect(Object.isFrozen(one) && Object.isFrozen(one.user) && Object.isFrozen(one.user?.roles)).toBe(true);
  });

  it("never remembers a token past its end", async () => {
    const verifier = verifierOf();
    const token = await issuer.userToken();
    await verifier.verify(token);
    clock.advance(600);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "UNAUTHORIZED", reason: "expired" });
  });

  it("refuses a remembered token as soon as it is revoked", async () => {
    const verifier = verifierOf();
    const token = await issuer.userToken({ sessionId: "gone" });
    await verifier.verify(token);
    revocations.apply({ kind: "session", id: "gone", expiresAt: clock.now() / 1000 + 600 });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "UNAUTHORIZED", reason: "revoked" });
  });

  it("does not remember refusals, so a token is good as soon as its key is known", async () => {
    let known = false;
    const verifier = verifierOf({
      check: checkByKeys({
        find(kid, algorithm) {
          if (known) return issuer.keys.find(kid, algorithm);
          throw new TokenError("unknown_key");
        },
      }),
    });
    const token = await issuer.userToken();
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "UNAUTHORIZED", reason: "unknown_key" });
    known = true;
    await expect(verifier.verify(token)).resolves.toMatchObject({ service: null });
  });

  it("says SERVICE_UNAVAILABLE, never UNAUTHORIZED, when the keys cannot be had", async () => {
    const verifier = verifierOf({
      check: checkByKeys({
        find() {
          throw new TokenError("keys_unavailable");
        },
      }),
    });
    const refusal = verifier.verify(await issuer.userToken());
    await expect(refusal).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 5 });
  });

  it("forgets what was verified when it is told to, for a key that was revoked", async () => {
    const verifier = verifierOf();
    const token = await issuer.userToken();
    await verifier.verify(token);
    verifier.forget();
    await verifier.verify(token);
    expect(lookups).toBe(2);
  });

  it("gives a delegated token both facts, with the rights that user and caller have in common", async () => {
    const token = await issuer.delegatedToken("orders", "inventory", { roles: ["user", "admin"] });
    const identity = await verifierOf({ service: "inventory" }).verify(token);
    expect(identity).toMatchObject({
      user: { roles: ["user"], permissions: ["orders:place", "orders:read", "orders:cancel"] },
      service: { name: "orders", chain: [] },
    });
  });

  it("takes no right from a delegated token that its caller may not pass on", async () => {
    const rights = { roles: ["admin"], permissions: ["orders:place", "users:write"] } as const;
    const token = await issuer.delegatedToken("orders", "inventory", { rights });
    const { user } = await verifierOf({ service: "inventory" }).verify(token);
    expect(user).toMatchObject({ roles: [], permissions: ["orders:place"] });
  });

  it("never gives one user another's identity in 10,000 interleaved requests", async () => {
    const verifier = verifierOf({ remember: 3 });
    const names = ["alice", "bob"] as const;
    const tokens = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const id = names[index % 2] ?? "alice";
        return { id, token: await issuer.userToken({ id }) };
      }),
    );
    const requests = Array.from({ length: 10_000 }, (_, index) => tokens[(index * 7 + (index >> 3)) % tokens.length]);
    const wrong = await Promise.all(
      requests.map(async (request) => request && (await verifier.verify(request.token)).user?.id !== request.id),
    );
    expect(wrong.filter(Boolean)).toEqual([]);
  }, 60_000);
});
