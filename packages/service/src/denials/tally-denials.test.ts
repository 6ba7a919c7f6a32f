import type { Denial } from "@countersign/context";
import { createFakeClock } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { tallyDenials } from "./tally-denials.ts";

const denial: Denial = {
  procedure: "list",
  reason: "wrong_role",
  userId: "user-1",
  service: null,
  requestId: "request-1",
  address: "192.0.2.1",
};
const stranger: Denial = { ...denial, reason: "bad_signature", userId: null };

function start(kinds = { known: 200, strangers: 50 }) {
  const clock = createFakeClock();
  return { clock, tally: tallyDenials({ service: "orders", now: clock.now, kinds }) };
}

describe("a storm of refusals", () => {
  it("is the first one at once, and one line a minute with the number of the rest", () => {
    const { clock, tally } = start();
    expect(tally.add(denial)).toMatchObject({ service: "orders", procedure: "list", count: 1, address: "192.0.2.1" });
    clock.advance(1);
    const firstAt = clock.now();
    for (let index = 2; index < 1_000; index += 1) {
      expect(tally.add({ ...denial, requestId: `request-${index}` })).toBeNull();
    }
    expect(tally.due()).toEqual([]);
    clock.advance(60);
    expect(tally.due()).toMatchObject([{ count: 998, requestId: "request-2", firstAt, lastAt: firstAt }]);
    expect(tally.add(denial)).toBeNull();
    clock.advance(60);
    expect(tally.due()).toMatchObject([{ count: 1 }]);
  });

  it("is forgotten after a minute without one", () => {
    const { clock, tally } = start();
    tally.add(denial);
    clock.advance(61);
    expect([tally.due(), tally.size()]).toEqual([[], 0]);
    expect(tally.add(denial)).toMatchObject({ count: 1 });
  });

  it("is told apart by procedure, reason, caller and network, and counts a /64 as one", () => {
    const { tally } = start();
    const others: readonly Partial<Denial>[] = [
      { procedure: "get" },
      { reason: "wrong_kind" },
      { userId: "user-2" },
      { service: "products" },
      { address: "192.0.2.2" },
      { address: "2001:db8::1" },
    ];
    for (const other of [{}, ...others]) expect(tally.add({ ...denial, ...other })).not.toBeNull();
    expect(tally.add({ ...denial, address: "2001:db8::ffff:2" })).toBeNull();
  });

  it("from many addresses is bounded, counted to the last one, and crowds nobody else out", () => {
    const { clock, tally } = start({ known: 10, strangers: 20 });
    const told = Array.from({ length: 5_000 }, (_, index) =>
      tally.add({ ...stranger, address: `10.0.${index >> 8}.${index & 255}` }),
    ).filter((report) => report !== null);
    expect(told).toHaveLength(20);
    expect(tally.size()).toBe(21);
    expect(tally.add(denial)).toMatchObject({ userId: "user-1" });
    clock.advance(60);
    expect(tally.due()).toMatchObject([{ procedure: "*", address: null, reason: "bad_signature", count: 4_980 }]);
  });
});

describe("one caller's refusals of many kinds", () => {
  it("of a user are so many lines, from wherever, and leave room for the next user", () => {
    const { clock, tally } = start();
    const told = Array.from({ length: 500 }, (_, index) =>
      tally.add({ ...denial, procedure: `procedure${index}`, address: `10.0.${index >> 8}.${index & 255}` }),
    ).filter((report) => report !== null);
    expect([told.length, tally.size()]).toEqual([20, 21]);
    expect(tally.add({ ...denial, userId: "user-2" })).toMatchObject({ userId: "user-2", count: 1 });
    clock.advance(60);
    const rest = { procedure: "*", userId: "user-1", address: null, reason: "wrong_role", count: 480 };
    expect(tally.due()).toMatchObject([rest]);
  });

  it("of a stranger's address are so many lines, and leave room for the next address", () => {
    const { clock, tally } = start();
    for (let index = 0; index < 500; index += 1) tally.add({ ...stranger, procedure: `procedure${index}` });
    expect(tally.size()).toBe(21);
    expect(tally.add({ ...stranger, address: "192.0.2.9" })).toMatchObject({ address: "192.0.2.9", count: 1 });
    clock.advance(60);
    const rest = { procedure: "*", userId: null, address: "192.0.2.1", count: 480 };
    expect(tally.due()).toMatchObject([rest]);
  });

  it("of users at one address do not hinder each other", () => {
    const { tally } = start();
    for (let user = 0; user < 40; user += 1)
      expect(tally.add({ ...denial, userId: `user-${user}` })).toMatchObject({ count: 1 });
  });
});

it("gives everything that is counted when it ends", () => {
  const { tally } = start();
  tally.add(denial);
  tally.add(denial);
  expect([tally.rest(), tally.rest()]).toMatchObject([[{ count: 1 }], []]);
});
