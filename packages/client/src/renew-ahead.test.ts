import { beforeEach, describe, expect, it } from "vitest";

import { aliceSession, createTabs, life, type Tabs, use } from "../test/tabs.ts";
import type { Timers } from "./timers.ts";

const user = { id: "u1", email: "alice@example.com", roles: ["user"] };

let tabs: Tabs;
beforeEach(() => {
  tabs = createTabs();
});

describe("ahead of its end", () => {
  it("a token is renewed while its page is looked at and used, by one tab for all", async () => {
    const opened = [tabs.open(), tabs.open()];
    await Promise.all(opened.map(use));
    await tabs.browser.advance(life - 61);
    expect(tabs.refreshes()).toBe(0);
    await tabs.browser.advance(2);
    expect(tabs.refreshes()).toBe(1);
    expect(await Promise.all(opened.map(use))).toHaveLength(2);
    await tabs.browser.advance(life - 63);
    expect(tabs.refreshes()).toBe(1);
    await tabs.browser.advance(2);
    expect(tabs.refreshes()).toBe(2);
    expect(tabs.platform.seen).toHaveLength(6);
  });

  it("the token is left to end where nobody looks, and renewed once when somebody does again", async () => {
    const opened = [tabs.open(), tabs.open(), tabs.open()];
    await Promise.all(opened.map(use));
    for (const { tab } of opened) tab.hide();
    await Promise.all(opened.map(use)); // a page in the background may go on asking
    expect(tabs.browser.waiting()).toBe(0);
    await tabs.browser.advance(8 * 3600);
    expect(tabs.refreshes()).toBe(0);
    for (const { tab } of opened) tab.show();
    await tabs.browser.advance(0);
    expect(tabs.refreshes()).toBe(1);
  });

  it("the token is left to end where the page makes no calls, until it makes one", async () => {
    const tab = tabs.open();
    await use(tab);
    await tabs.browser.advance(life);
    expect(tabs.refreshes()).toBe(1);
    await tabs.browser.advance(5 * life);
    expect([tabs.refreshes(), tabs.browser.waiting()]).toEqual([1, 0]);
    await use(tab);
    await tabs.browser.advance(0);
    expect(tabs.refreshes()).toBe(2);
  });

  it("a failed renewal is not repeated by itself, and at most once a minute by calls", async () => {
    const tab = tabs.open();
    await use(tab);
    tabs.platform.rest["refresh"] = () => new Response("", { status: 503 });
    await tabs.browser.advance(life - 59);
    expect(tabs.refreshes()).toBe(1);
    await tabs.browser.advance(20);
    expect(tabs.refreshes()).toBe(1);
    for (let call = 0; call < 5; call += 1) await use(tab);
    await tabs.browser.advance(30);
    expect(tabs.refreshes()).toBe(1);
    await tabs.browser.advance(30);
    expect(tabs.refreshes()).toBe(2);
    expect(tab.signedOut()).toBe(0);
  });

  it("tokens that live shorter than the notice are renewed ahead once a minute at most", async () => {
    const short = 20;
    tabs.platform.rest["refresh"] = () => {
      tabs.begin(aliceSession, (tabs.browser.hint?.generation ?? 0) + 1);
      if (tabs.browser.hint !== null) tabs.browser.hint.endsAt = tabs.browser.now() + short * 1000;
      return Response.json({ user, expiresIn: short });
    };
    const tab = tabs.open();
    for (let second = 0; second < life + 120; second += 10) {
      tab.session.used();
      await tabs.browser.advance(10);
    }
    expect(tabs.refreshes()).toBeLessThanOrEqual(4);
  });

  it("a clock that is wrong is set right by auth's own word", async () => {
    const ahead = 3 * 3600;
    if (tabs.browser.hint !== null) tabs.browser.hint.endsAt -= ahead * 1000;
    tabs.platform.rest["refresh"] = () => {
      tabs.begin(aliceSession, (tabs.browser.hint?.generation ?? 0) + 1);
      if (tabs.browser.hint !== null) tabs.browser.hint.endsAt -= ahead * 1000;
      return Response.json({ user, expiresIn: life });
    };
    const tab = tabs.open();
    await use(tab);
    await tabs.browser.advance(0);
    expect(tabs.refreshes()).toBe(1);
    await use(tab);
    await tabs.browser.advance(life - 61);
    expect(tabs.refreshes()).toBe(1);
    await tabs.browser.advance(2);
    expect(tabs.refreshes()).toBe(2);
  });

  it("a clock that is weeks behind sets no timer that the runtime would cut short and run at once", async () => {
    const waits: number[] = [];
    const timers: Timers = {
      after: (ms, work) => {
        waits.push(ms);
        return tabs.browser.timers.after(ms, work);
      },
    };
    if (tabs.browser.hint !== null) tabs.browser.hint.endsAt += 40 * 24 * 3600 * 1000;
    const tab = tabs.open({ timers });
    await use(tab);
    await tabs.browser.advance(2 * 3600);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 ** 31 - 1);
    expect(waits.length).toBeLessThan(5);
    expect(tabs.refreshes()).toBe(0);
  });

  it("nothing is renewed after signing out, and no timer is left", async () => {
    const tab = tabs.open();
    await use(tab);
    await tab.session.logout();
    await tabs.browser.advance(2 * life);
    expect([tabs.refreshes(), tabs.browser.waiting()]).toEqual([0, 0]);
    const closed = tabs.open();
    tabs.begin(aliceSession);
    await use(closed);
    closed.session.close();
    expect(tabs.browser.waiting()).toBe(0);
  });
});
