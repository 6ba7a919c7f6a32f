import { describe, expect, it } from "vitest";

import { createBrowser, settle } from "../test/browser.ts";
import { createTabChannel, type TabMessage } from "./tab-channel.ts";
import { createWebLock } from "./tab-lock.ts";

type Options = { readonly signal: AbortSignal };

/** Web Locks as the standard has them: one holder for each name, and waiting can be given up. */
function createLocks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: <T>(_name: string, { signal }: Options, work: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("given up")), { once: true });
        last = last.then(() => (signal.aborted ? undefined : work().then(resolve, reject))).catch(() => undefined); // told to whoever asked
      }),
  };
}

describe("a lock between tabs", () => {
  it("lets one work at a time, and passes on what comes of it", async () => {
    const { timers } = createBrowser();
    const lock = createWebLock({ name: "l", timers, locks: createLocks() });
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await settle();
      order.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([lock(work("one")), lock(work("two"))])).toEqual(["one", "two"]);
    expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
    await expect(lock(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await lock(work("three"))).toBe("three");
  });

  it("is not waited for longer than is good: the work is then done without", async () => {
    const browser = createBrowser();
    const lock = createWebLock({ name: "l", timers: browser.timers, patienceMs: 5_000, locks: createLocks() });
    const asleep = Promise.withResolvers<string>();
    const first = lock(() => asleep.promise);
    const second = lock(() => Promise.resolve("done"));
    await browser.advance(4.9);
    expect(await Promise.race([second, Promise.resolve("waiting")])).toBe("waiting");
    await browser.advance(0.2);
    expect(await second).toBe("done");
    asleep.resolve("awake");
    expect(await first).toBe("awake");
    expect(browser.waiting()).toBe(0);
  });

  it("is none where the browser has none", async () => {
    const lock = createWebLock({ name: "l", timers: createBrowser().timers, locks: {} });
    const never = lock(() => new Promise<never>(() => undefined));
    expect(await Promise.race([never, lock(() => Promise.resolve("at once"))])).toBe("at once");
  });

  it("is the runtime's own where there is one", async (context) => {
    if (!("locks" in navigator)) return context.skip("this runtime has no Web Locks");
    const lock = createWebLock({ name: crypto.randomUUID(), timers: createBrowser().timers });
    let inside = 0;
    const most = await Promise.all(
      [1, 2, 3].map(() =>
        lock(async () => {
          inside += 1;
          await settle();
          const seen = inside;
          inside -= 1;
          return seen;
        }),
      ),
    );
    expect(most).toEqual([1, 1, 1]);
  });
});

describe("a channel between tabs", () => {
  it("tells the others, and takes nothing that it does not know", async () => {
    const name = crypto.randomUUID();
    const [one, other] = [createTabChannel(name), createTabChannel(name)];
    const heard: TabMessage[] = [];
    const told: TabMessage[] = [];
    const stops = [
      one.listen((message) => void told.push(message)),
      other.listen((message) => void heard.push(message)),
    ];
    const foreign = new BroadcastChannel(name);
    foreign.postMessage("gibberish"); // oxlint-disable-line unicorn/require-post-message-target-origin -- no window
    one.tell({ kind: "ended", session: "s" });
    await expect.poll(() => heard).toEqual([{ kind: "ended", session: "s" }]);
    expect(told).toEqual([]);
    foreign.close();
    for (const stop of stops) stop();
    one.tell({ kind: "ended", session: "s" });
  });
});
