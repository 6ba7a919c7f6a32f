import { describe, expect, it } from "vitest";
import { createFairShares, type FairShares } from "./fair-shares.ts";

/** How many of so many attempts one holder gets. */
function takeUpTo(shares: FairShares, attempts: number, holder: readonly string[]): number {
  return Array.from({ length: attempts }, () => shares.take(holder)).filter((taken) => taken !== null).length;
}

describe("fair shares", () => {
  it("leave a newcomer something, whatever those before took", () => {
    for (const floods of [1, 2, 5]) {
      const shares = createFairShares(100);
      for (let flood = 0; flood < floods; flood += 1) takeUpTo(shares, 1_000, [`192.0.2.${flood}`]);
      expect(shares.take(["203.0.113.1"])).not.toBeNull();
    }
  });

  it("are what is left for the others: half for one alone, all of it never", () => {
    expect(takeUpTo(createFairShares(100), 1_000, ["192.0.2.1"])).toBe(51);
    expect(takeUpTo(createFairShares(1), 1_000, ["192.0.2.1"])).toBe(1);
    expect(takeUpTo(createFairShares(2), 1_000, ["192.0.2.1"])).toBe(2);
  });

  it("are shared out anew within a network", () => {
    const shares = createFairShares(90);
    const network = "2001:db8:1::/48";
    expect(takeUpTo(shares, 1_000, [network, "2001:db8:1:1::/64"])).toBe(31);
    expect(takeUpTo(shares, 1_000, [network, "2001:db8:1:2::/64"])).toBeGreaterThan(0);
    expect(takeUpTo(shares, 1_000, ["192.0.2.1"])).toBeGreaterThan(20);
  });

  it("are given back once, and nothing is kept of who held them", () => {
    const shares = createFairShares(4);
    const give = shares.take(["192.0.2.1"]);
    shares.take(["192.0.2.2"]);
    give?.();
    give?.();
    expect(shares.held()).toBe(1);
    for (let round = 0; round < 10; round += 1) shares.take(["192.0.2.1"])?.();
    expect(shares.held()).toBe(1);
  });
});
