import { createFakeClock, describeDatabases } from "@countersign/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens } from "../../test/requests.ts";
import { tidy } from "../keep-up.ts";
import { signingKeys } from "../schema.ts";
import { correctActivation } from "./correct-activation.ts";
import { keySchedule, planRotation, signingKeyAt } from "./lifecycle.ts";
import { rotateKeys } from "./rotate-keys.ts";

const hour = 3600;
const by = { actor: "test", from: null };

describeDatabases("signing keys under a clock that moves", { migrations }, (open) => {
  beforeEach(async () => {
    await (await open()).db.delete(signingKeys);
  });

  const readiness = async ({ app }: TestAuth) => ready.parse(await (await app.request("/health/ready")).json());
  const isGood = async ({ app }: TestAuth, { accessToken }: Tokens) =>
    (await post(app, "/auth/verify", { json: { token: accessToken } })).body;

  it("sign at once after a first start with the clock ahead, in that process and in the next one", async () => {
    const clock = createFakeClock();
    clock.advance(hour);
    const ahead = await openTestAuth(await open(), { now: clock.now });
    clock.advance(-hour);
    expect(await readiness(ahead)).toMatchObject({ ready: true, checks: { signing: "ok" } });
    expect(await isGood(ahead, await registerUser(ahead.app, someEmail()))).toMatchObject({ valid: true });
    const next = await openTestAuth(await open(), { now: clock.now });
    expect(await isGood(ahead, await registerUser(next.app, someEmail()))).toMatchObject({ valid: true });
    const [key] = await (await open()).db.select().from(signingKeys);
    expect(key?.activatesAt.getTime()).toBeLessThanOrEqual(clock.now());
  });

  it("sign through an hour back and an hour ahead, in the middle of a rotation too", async () => {
    const test = await openTestAuth(await open());
    for (const jump of [-hour, hour, hour, -hour]) {
      await rotateKeys(test.auth.deps, by);
      test.clock.advance(jump);
      await tidy(test.auth);
      expect(await isGood(test, await registerUser(test.app, someEmail()))).toMatchObject({ valid: true });
    }
  });

  it("stay published after their last signature though the clock jumps ahead, for as long as their tokens live", async () => {
    let elapsed = 0;
    const test = await openTestAuth(await open(), { monotonic: () => elapsed });
    await rotateKeys(test.auth.deps, by);
    const pass = (seconds: number) => {
      test.clock.advance(seconds);
      elapsed += seconds * 1000;
    };
    pass(keySchedule.publishedAhead / 1000 - 1);
    const tokens = await registerUser(test.app, someEmail());
    pass(1);
    test.clock.advance(hour);
    await tidy(test.auth);
    expect(test.auth.deps.keys.published()).toHaveLength(2);
    test.clock.advance(-hour);
    expect(await isGood(test, tokens)).toMatchObject({ valid: true });
    test.clock.advance(hour);
    elapsed += keySchedule.staysFor;
    await tidy(test.auth);
    expect(test.auth.deps.keys.published()).toHaveLength(1);
  });

  it("are made anew when readiness finds none", async () => {
    const test = await openTestAuth(await open());
    await (await open()).db.update(signingKeys).set({ revokedAt: new Date(test.clock.now()) });
    await test.auth.deps.keys.reload();
    expect(() => test.auth.deps.keys.signer()).toThrow("Tokens cannot be issued");
    expect(await readiness(test)).toMatchObject({ ready: true, signing: { current: { algorithm: "EdDSA" } } });
    await registerUser(test.app, someEmail());
  });
});

const ready = z.looseObject({ ready: z.boolean() });

describe("a plan", () => {
  const at = (moment: number) => new Date(moment);
  const key = {
    kid: "a",
    publishedAt: at(1_000),
    activatesAt: at(1_000),
    retiredAt: null,
    expiresAt: null,
    revokedAt: null,
  };
  const options = { now: 2_000_000, schedule: keySchedule, algorithm: "ES256" } as const;

  it("leaves a key that was published after the configuration was read", () => {
    const other = { ...key, algorithm: "RS256" as const };
    expect(planRotation([other], { ...options, algorithmSince: 999 })).toBeNull();
    expect(planRotation([other], { ...options, algorithmSince: 1_000 })).toMatchObject({ retires: "a" });
  });

  it("moves a key that a clock a year ahead put off, and leaves one that is an hour off", () => {
    const { publishedAhead, signsFor } = keySchedule;
    const now = 5_000_000;
    const due = key.activatesAt.getTime() + signsFor;
    const waiting = (activatesAt: number) => [
      { ...key, retiredAt: at(activatesAt), expiresAt: at(activatesAt + keySchedule.staysFor) },
      { ...key, kid: "b", activatesAt: at(activatesAt) },
    ];
    const year = 365 * 24 * hour * 1000;
    expect(correctActivation(waiting(due + year), { now, schedule: keySchedule })).toMatchObject({ activatesAt: due });
    expect(correctActivation(waiting(due + hour * 1000), { now, schedule: keySchedule })).toBeNull();
    expect(correctActivation(waiting(now + publishedAhead), { now, schedule: keySchedule })).toBeNull();
  });

  it("lets the earliest next key sign when no other may", () => {
    const [later, sooner] = [9_000, 8_000].map((moment) => ({ ...key, activatesAt: at(moment) }));
    expect(
      signingKeyAt(
        [later, sooner].flatMap((one) => one ?? []),
        7_000,
      ),
    ).toBe(sooner);
    expect(signingKeyAt([{ ...key, revokedAt: at(1) }], 7_000)).toBeUndefined();
  });
});
