import { beforeEach, describe, expect, it } from "vitest";

import { settle } from "../test/browser.ts";
import { sessionOver } from "../test/platform.ts";
import { aliceSession, bobSession, createTabs, life, type Tabs, use } from "../test/tabs.ts";
import type { Surroundings } from "./surroundings.ts";
import { noLock } from "./tab-lock.ts";

let tabs: Tabs;
beforeEach(() => {
  tabs = createTabs();
});

describe("tabs whose access token ended at once", () => {
  it("make one refresh between them, and every call is answered", async () => {
    const opened = [tabs.open(), tabs.open(), tabs.open()];
    tabs.expire();
    const calls = opened.flatMap((tab) => [use(tab), tab.client.auth.me.query()]);
    expect(await Promise.all(calls)).toHaveLength(6);
    expect(tabs.refreshes()).toBe(1);
  });

  it.each<[string, Partial<Surroundings>]>([
    ["where scripts cannot read the cookies", { cookies: () => "" }],
    ["without a lock", { lock: noLock }],
  ])("are all kept signed in %s, by the grace of auth", async (_name, changes) => {
    const opened = [tabs.open(changes), tabs.open(changes)];
    tabs.expire();
    await Promise.all(opened.map(use));
    expect(tabs.refreshes()).toBeLessThanOrEqual(2);
    expect(opened.map((tab) => tab.signedOut())).toEqual([0, 0]);
  });

  it("refresh again for a call that the newest token was not enough for", async () => {
    const [one, other] = [tabs.open(), tabs.open()];
    tabs.expire();
    await use(one);
    tabs.platform.proof = "a token after the roles changed";
    expect(await use(other)).toEqual(["o1"]);
    expect(tabs.refreshes()).toBe(2);
  });
});

describe("a public procedure, called when the token has ended with its cookie", () => {
  const list = (tab: ReturnType<Tabs["open"]>) => tab.client.products.list.query({ limit: 1 });

  it("is asked as who is signed in: the session is renewed before", async () => {
    const tab = tabs.open();
    await tabs.browser.advance(life);
    tabs.expire();
    await Promise.all([list(tab), use(tab)]);
    expect(tabs.platform.seen[0]).toBe("POST /auth/refresh");
    expect(tabs.platform.seen).toHaveLength(3);
  });

  it("is asked all the same when auth cannot be, and when the session is over", async () => {
    const [one, other] = [tabs.open(), tabs.open()];
    await tabs.browser.advance(life);
    tabs.expire();
    tabs.platform.rest["refresh"] = () => new Response("", { status: 503 });
    expect(await list(one)).toEqual({ items: [{ id: "p1" }] });
    expect([one.signedOut(), tabs.refreshes()]).toEqual([0, 1]);
    await list(one);
    expect(tabs.refreshes()).toBe(1); // auth that hangs must not delay what needs no session, call by call
    tabs.platform.rest["refresh"] = () => {
      tabs.leave();
      return sessionOver();
    };
    expect(await list(other)).toEqual({ items: [{ id: "p1" }] });
    expect(other.signedOut()).toBe(1);
  });
});

describe("the end of a session", () => {
  it("is told once in every tab when a refresh is refused", async () => {
    const opened = [tabs.open(), tabs.open(), tabs.open()];
    await Promise.all(opened.map(use));
    tabs.platform.rest["refresh"] = () => {
      tabs.leave();
      return sessionOver();
    };
    tabs.expire();
    const failed = await Promise.allSettled(opened.flatMap((tab) => [use(tab), use(tab)]));
    expect(failed.every(({ status }) => status === "rejected")).toBe(true);
    await settle();
    expect(tabs.refreshes()).toBe(1);
    expect(opened.map((tab) => tab.signedOut())).toEqual([1, 1, 1]);
    opened[0]?.tab.channel.tell({ kind: "ended", session: null }); // a message that comes late
    await settle();
    expect(opened.map((tab) => tab.signedOut())).toEqual([1, 1, 1]);
  });

  it("reaches tabs that do nothing, however it came", async () => {
    const [one, idle] = [tabs.open(), tabs.open()];
    await Promise.all([use(one), use(idle)]);
    tabs.platform.rest["refresh"] = () => {
      tabs.leave();
      return sessionOver();
    };
    tabs.expire();
    await expect(use(one)).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    await settle();
    expect(idle.signedOut()).toBe(1);
    tabs.begin(aliceSession);
    await use(idle);
    tabs.platform.rest["login"] = tabs.signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    await settle();
    expect([one.signedOut(), idle.signedOut()]).toEqual([1, 2]);
  });

  it("by signing out is told in the other tabs", async () => {
    const [one, other] = [tabs.open(), tabs.open()];
    await Promise.all([use(one), use(other)]);
    await one.session.logout();
    await settle();
    expect([one.signedOut(), other.signedOut()]).toEqual([0, 1]);
  });

  it("is noticed by a tab that slept through the message, when it is looked at again or used", async () => {
    const deaf = { channel: { tell: () => undefined, listen: () => () => undefined } };
    const [one, hidden, busy] = [tabs.open(), tabs.open(deaf), tabs.open(deaf)];
    await Promise.all([use(one), use(hidden), use(busy)]);
    hidden.tab.hide();
    await one.session.logout();
    expect([hidden.signedOut(), busy.signedOut()]).toEqual([0, 0]);
    hidden.tab.show();
    await expect(use(busy)).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([hidden.signedOut(), busy.signedOut()]).toEqual([1, 1]);
  });

  it("is not told to a tab that follows no longer", async () => {
    const [one, other] = [tabs.open(), tabs.open()];
    await use(other);
    other.session.close();
    await one.session.logout();
    await settle();
    expect(other.signedOut()).toBe(0);
  });
});

describe("somebody else who signs in in another tab", () => {
  it("ends the session of the others, and gets none of their calls", async () => {
    const [one, other] = [tabs.open(), tabs.open()];
    await use(other);
    const { promise, resolve } = Promise.withResolvers<void>();
    tabs.platform.gate = promise;
    tabs.expire();
    const stale = other.client.orders.place.mutate({ productId: "of-alice" });
    await expect.poll(() => tabs.platform.seen.at(-1)).toBe("POST /trpc/orders/place");
    tabs.platform.rest["login"] = tabs.signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    resolve();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([tabs.platform.placed, tabs.refreshes(), other.signedOut()]).toEqual([[], 0, 1]);
  });

  it("does so also where no message arrives", async () => {
    const deaf = { channel: { tell: () => undefined, listen: () => () => undefined } };
    const [one, other] = [tabs.open(), tabs.open(deaf)];
    await use(other);
    const { promise, resolve } = Promise.withResolvers<void>();
    tabs.platform.gate = promise;
    tabs.expire();
    const stale = other.client.orders.place.mutate({ productId: "of-alice" });
    await expect.poll(() => tabs.platform.seen.at(-1)).toBe("POST /trpc/orders/place");
    tabs.platform.rest["login"] = tabs.signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    resolve();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([tabs.platform.placed, tabs.refreshes(), other.signedOut()]).toEqual([[], 0, 1]);
  });
});

describe("signing in or out while another tab's refresh is under way", () => {
  const bob = { email: "bob@example.com", password: "right" };
  const loggedIn = () => tabs.platform.seen.filter((line) => !line.startsWith("GET"));

  it.each<[string, (tab: ReturnType<Tabs["open"]>) => Promise<unknown>, string]>([
    ["in by REST", ({ session }) => session.login(bob), "POST /auth/login"],
    ["in by the procedure", ({ client }) => client.auth.login.mutate(bob), "POST /trpc/auth/login"],
    ["out", ({ session }) => session.logout(), "POST /auth/logout"],
  ])("%s waits for it, for its answer would bring back who was there before", async (_name, sign, line) => {
    const [one, other] = [tabs.open(), tabs.open()];
    await use(one);
    const { promise, resolve } = Promise.withResolvers<void>();
    const { refresh } = tabs.platform.rest;
    tabs.platform.rest["refresh"] = async (request) => {
      await promise;
      return (await refresh?.(request)) ?? new Response(null, { status: 500 });
    };
    tabs.platform.rest["login"] = tabs.signInAs(bobSession);
    tabs.expire();
    const call = use(one);
    await expect.poll(() => tabs.refreshes()).toBe(1);
    const signing = sign(other);
    await settle();
    expect(loggedIn()).toEqual(["POST /auth/refresh"]);
    resolve();
    await signing;
    expect(loggedIn()).toEqual(["POST /auth/refresh", line]);
    await Promise.allSettled([call]);
  });
});
