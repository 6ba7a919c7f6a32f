import { describe, expect, it } from "vitest";
import { createLimits, limitSettings } from "./limits.ts";

function limits() {
  return createLimits({
    ...limitSettings,
    signInPerAccount: { points: 2, seconds: 60 },
    signInPerAddress: { points: 4, seconds: 60 },
  });
}

describe("sign-in attempts", () => {
  it("are limited per account, from wherever they come", async () => {
    const { signIn } = limits();
    expect(await signIn("a@example.com", "192.0.2.1")).toMatchObject({ allowed: true });
    expect(await signIn("a@example.com", "192.0.2.2")).toMatchObject({ allowed: true });
    const refused = await signIn("a@example.com", "192.0.2.3");
    expect(refused).toMatchObject({ allowed: false, first: true });
    expect(await signIn("a@example.com", "192.0.2.3")).toMatchObject({ allowed: false, first: false });
    expect(await signIn("b@example.com", "192.0.2.3")).toMatchObject({ allowed: true });
  });

  it("are limited per address, IPv6 by its /64, whatever the account", async () => {
    const { signIn } = limits();
    for (let tried = 0; tried < 4; tried += 1) await signIn(`${tried}@example.com`, `2001:db8::${tried}`);
    const refused = await signIn("other@example.com", "2001:db8::ffff");
    expect(refused).toMatchObject({ allowed: false });
    expect(refused.allowed || refused.retryAfterSeconds).toBeGreaterThan(0);
    expect(await signIn("other@example.com", "2001:db8:0:1::1")).toMatchObject({ allowed: true });
  });

  it("do not count when they are given back", async () => {
    const { signIn } = limits();
    for (let tried = 0; tried < 10; tried += 1) {
      const taken = await signIn("a@example.com", "192.0.2.1");
      expect(taken.allowed).toBe(true);
      if (taken.allowed) await taken.giveBack();
    }
  });
});
