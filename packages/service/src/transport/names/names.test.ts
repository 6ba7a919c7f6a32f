import { describe, expect, it } from "vitest";
import { type Address, createNames } from "./names.ts";

const here: readonly Address[] = [{ address: "127.0.0.1", family: 4 }];
const there: readonly Address[] = [{ address: "127.0.0.2", family: 4 }];

/** A look-up that answers when it is told to, and a clock that moves when it is told to. */
function createTold() {
  const asked: { name: string; settle: (found: readonly Address[] | Error) => void }[] = [];
  let at = 0;
  const names = createNames({
    now: () => at,
    lookUp: (name) =>
      new Promise((resolve, reject) => {
        const settle = (found: readonly Address[] | Error) => (found instanceof Error ? reject(found) : resolve(found));
        asked.push({ name, settle });
      }),
  });
  return { names, asked, pass: (ms: number) => void (at += ms) };
}

const flown = () => new Promise((resolve) => setImmediate(resolve));

describe("the names of a transport", () => {
  it("knows an address without asking", () => {
    const { names, asked } = createTold();
    expect(names.addressesOf("10.0.0.7")).toEqual([{ address: "10.0.0.7", family: 4 }]);
    expect(names.addressesOf("::1")).toEqual([{ address: "::1", family: 6 }]);
    expect(asked).toEqual([]);
  });

  it("asks once for a name however many wait, and no name waits for another", async () => {
    const { names, asked } = createTold();
    const dead = ["a", "b", "c", "d", "e"]
      .flatMap((name) => [name, name])
      .map(async (name) => await names.addressesOf(name));
    const good = names.addressesOf("good");
    expect(asked.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", "good"]);
    asked.at(-1)?.settle(here);
    expect(await good).toEqual(here);
    for (const { settle } of asked) settle(new Error("nobody answers"));
    expect((await Promise.allSettled(dead)).every(({ status }) => status === "rejected")).toBe(true);
  });

  it("gives what it knows at once, and renews it beside that once it is some seconds old", async () => {
    const { names, asked, pass } = createTold();
    const first = names.addressesOf("name");
    asked[0]?.settle(here);
    await first;
    pass(4_000);
    expect(names.addressesOf("name")).toEqual(here);
    expect(asked).toHaveLength(1);
    pass(2_000);
    expect(names.addressesOf("name")).toEqual(here);
    asked[1]?.settle(there);
    await flown();
    expect(names.addressesOf("name")).toEqual(there);
  });

  it("keeps the last that was good while look-ups fail, for ten minutes", async () => {
    const { names, asked, pass } = createTold();
    const first = names.addressesOf("name");
    asked[0]?.settle(here);
    await first;
    pass(9 * 60_000);
    expect(names.addressesOf("name")).toEqual(here);
    asked[1]?.settle(new Error("nobody answers"));
    await flown();
    expect(names.addressesOf("name")).toEqual(here);
    expect(asked).toHaveLength(2); // not again within a second
    pass(61_000);
    const late = names.addressesOf("name");
    asked[2]?.settle(new Error("nobody answers"));
    await expect(late).rejects.toThrow("nobody answers");
  });

  it("looks a name up again, and waits for it, when nothing was to be reached there", async () => {
    const { names, asked } = createTold();
    const first = names.addressesOf("name");
    asked[0]?.settle(here);
    await first;
    names.doubt("name");
    const second = names.addressesOf("name");
    asked[1]?.settle(there);
    expect(await second).toEqual(there);
    names.doubt("name");
    const third = names.addressesOf("name");
    asked[2]?.settle(new Error("nobody answers"));
    expect(await third).toEqual(there);
  });

  it("remembers a failure for a second, and no longer", async () => {
    const { names, asked, pass } = createTold();
    const first = names.addressesOf("name");
    asked[0]?.settle(new Error("nobody answers"));
    await expect(first).rejects.toThrow("nobody answers");
    await expect(names.addressesOf("name")).rejects.toThrow("nobody answers");
    expect(asked).toHaveLength(1);
    pass(1_001);
    const again = names.addressesOf("name");
    asked[1]?.settle(here);
    expect(await again).toEqual(here);
  });

  it("holds a thousand names at most", async () => {
    let asked = 0;
    const lookUp = async () => {
      asked++;
      return here;
    };
    const names = createNames({ now: () => 0, lookUp });
    await names.addressesOf("first");
    for (let index = 0; index < 1_000; index++) await names.addressesOf(`name-${index}`);
    await names.addressesOf("first");
    expect(asked).toBe(1_002);
  });
});
