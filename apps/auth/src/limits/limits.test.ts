import { createLimiter, createMemoryStore, type LimitSize } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { createLimits } from "./limits.ts";

const few = (calls: number): LimitSize => ({ calls, perSeconds: 60 });

/** Limits that few attempts reach. */
function limits() {
  const sizes = new Map([
    ["auth.login/account", few(2)],
    ["auth.login/address", few(4)],
    ["auth.login/network", few(8)],
    ["auth.register/account", few(2)],
    ["auth.refresh/session", few(2)],
  ]);
  return createLimits(createLimiter({ store: createMemoryStore(), sizes, observe() {}, now: Date.now }));
}

describe("sign-in attempts", () => {
  it("are limited per account, from wherever they come", async () => {
    const { signIn } = limits();
    expect(await signIn("a@example.com", "192.0.2.1")).toMatchObject({ allowed: true });
    expect(await signIn("a@example.com", "192.0.2.2")).toMatchObject({ allowed: true });
    const refused = await signIn("a@example.com", "192.0.2.3");
    expect(refused).toMatchObject({ allowed: false, first: true, quota: { policy: "auth.login/account" } });
    expect(await signIn("a@example.com", "192.0.2.3")).toMatchObject({ allowed: false, first: false });
    expect(await signIn("b@example.com", "192.0.2.3")).toMatchObject({ allowed: true });
  });

  it("are limited per address, IPv6 by its /64, whatever the account", async () => {
    const { signIn } = limits();
    for (let tried = 0; tried < 4; tried += 1) await signIn(`${tried}@example.com`, `2001:db8::${tried}`);
    const refused = await signIn("other@example.com", "2001:db8::ffff");
    expect(refused).toMatchObject({ allowed: false, quota: { policy: "auth.login/address", remaining: 0 } });
    expect(refused.quota.resetSeconds).toBeGreaterThan(0);
    expect(await signIn("other@example.com", "2001:db8:0:1::1")).toMatchObject({ allowed: true });
  });

  it("are limited per IPv6 /48, whichever of its networks they come from", async () => {
    const { signIn } = limits();
    const from = (index: number) => `2001:db8:7:${index}::1`;
    for (let tried = 0; tried < 8; tried += 1) {
      expect(await signIn(`${tried}@example.com`, from(tried))).toMatchObject({ allowed: true });
    }
    const refused = await signIn("other@example.com", from(99));
    expect(refused).toMatchObject({ allowed: false, quota: { policy: "auth.login/network" } });
    expect(await signIn("other@example.com", "2001:db8:8::1")).toMatchObject({ allowed: true });
  });

  it("do not count when they are given back", async () => {
    const { signIn } = limits();
    for (let tried = 0; tried < 10; tried += 1) {
      const taken = await signIn("a@example.com", "192.0.2.1");
      expect(taken.allowed).toBe(true);
      await taken.giveBack();
    }
  });
});

describe("other attempts", () => {
  it("to register one account, from wherever they come, are as few", async () => {
    const { registration } = limits();
    for (let tried = 0; tried < 2; tried += 1) await registration("a@example.com", `192.0.2.${tried}`);
    expect(await registration("a@example.com", "192.0.2.9")).toMatchObject({ allowed: false, first: true });
    expect(await registration("b@example.com", "192.0.2.9")).toMatchObject({ allowed: true });
  });

  it("to renew one session are limited, and do not hinder another one of the same address", async () => {
    const { refresh } = limits();
    for (let tried = 0; tried < 2; tried += 1) await refresh("one", "192.0.2.1");
    expect(await refresh("one", "192.0.2.1")).toMatchObject({ allowed: false });
    expect(await refresh("another", "192.0.2.1")).toMatchObject({ allowed: true });
    expect(await refresh(null, "192.0.2.1")).toMatchObject({ allowed: true });
  });
});
