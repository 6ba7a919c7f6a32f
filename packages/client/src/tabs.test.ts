import { beforeEach, describe, expect, it } from "vitest";

import { createBrowser, settle, type TestBrowser, type TestTab } from "../test/browser.ts";
import { createPlatform, type Routers } from "../test/platform.ts";
import { createPlatformClient, type PlatformClient } from "./platform-client.ts";
import { createSession, type Session } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";
import { noLock } from "./tab-lock.ts";

const url = "http://gateway.test";
const alice = { email: "alice@example.com", password: "alice-demo-2026" };
const user = { id: "u1", email: alice.email, roles: ["user"] };
const aliceSession = "a".repeat(16);
const bobSession = "b".repeat(16);
const life = 600;

type Opened = { tab: TestTab; session: Session; client: PlatformClient<Routers>; signedOut: () => number };

let platform: ReturnType<typeof createPlatform>;
let browser: TestBrowser;

/** The browser's access cookie, by name; the platform admits the one that is its proof. */
let cookie: string;

beforeEach(() => {
  platform = createPlatform();
  browser = createBrowser();
  begin(aliceSession);
  platform.rest["login"] = signInAs(aliceSession);
  platform.rest["logout"] = () => {
    leave();
    return Response.json({ ok: true });
  };
  platform.rest["refresh"] = () => {
    if (browser.hint === null) return Response.json({ error: { message: "Sign in again." } }, { status: 401 });
    begin(browser.hint.session, browser.hint.generation + 1);
    return Response.json({ user, expiresIn: life });
  };
});

/** Plays auth: sets the cookies of a session's generation. */
function begin(session: string, generation = 0): void {
  browser.hint = { session, generation, endsAt: browser.now() + life * 1000 };
  cookie = `${session} ${generation}`;
  platform.proof = cookie;
}

function signInAs(session: string): () => Response {
  return () => {
    begin(session);
    return Response.json({ user, expiresIn: life });
  };
}

function leave(): void {
  browser.hint = null;
  cookie = "";
}

/** The access token ends; the hint stays as it was. */
function expire(): void {
  cookie = "";
}

function open(changes: Partial<Surroundings> = {}): Opened {
  const tab = browser.openTab(changes);
  let signedOut = 0;
  const fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (cookie !== "") request.headers.set("cookie", cookie);
    return platform.fetch(request);
  };
  const onSignedOut = (): void => {
    signedOut += 1;
  };
  const session = createSession({ url, mode: "cookie", fetch, onSignedOut, surroundings: tab });
  const client = createPlatformClient<Routers>({ url, fetch, session });
  return { tab, session, client, signedOut: () => signedOut };
}

const refreshes = (): number => platform.seen.filter((line) => line === "POST /auth/refresh").length;
const use = ({ client }: Opened): Promise<string[]> => client.orders.mine.query();

describe("tabs whose access token ended at once", () => {
  it("make one refresh between them, and every call is answered", async () => {
    const tabs = [open(), open(), open()];
    expire();
    const calls = tabs.flatMap((tab) => [use(tab), tab.client.auth.me.query()]);
    expect(await Promise.all(calls)).toHaveLength(6);
    expect(refreshes()).toBe(1);
  });

  it.each<[string, Partial<Surroundings>]>([
    ["where scripts cannot read the cookies", { cookies: () => "" }],
    ["without a lock", { lock: noLock }],
  ])("are all kept signed in %s, by the grace of auth", async (_name, changes) => {
    const tabs = [open(changes), open(changes)];
    expire();
    await Promise.all(tabs.map(use));
    expect(refreshes()).toBeLessThanOrEqual(2);
    expect(tabs.map((tab) => tab.signedOut())).toEqual([0, 0]);
  });

  it("refresh again for a call that the newest token was not enough for", async () => {
    const [one, other] = [open(), open()];
    expire();
    await use(one);
    platform.proof = "a token after the roles changed";
    expect(await use(other)).toEqual(["o1"]);
    expect(refreshes()).toBe(2);
  });
});

describe("the end of a session", () => {
  it("is told once in every tab when a refresh is refused", async () => {
    const tabs = [open(), open(), open()];
    await Promise.all(tabs.map(use));
    platform.rest["refresh"] = () => {
      leave();
      return Response.json({ error: { message: "Over." } }, { status: 401 });
    };
    expire();
    const failed = await Promise.allSettled(tabs.flatMap((tab) => [use(tab), use(tab)]));
    expect(failed.every(({ status }) => status === "rejected")).toBe(true);
    await settle();
    expect(refreshes()).toBe(1);
    expect(tabs.map((tab) => tab.signedOut())).toEqual([1, 1, 1]);
    tabs[0]?.tab.channel.tell({ kind: "ended", session: null }); // a message that comes late
    await settle();
    expect(tabs.map((tab) => tab.signedOut())).toEqual([1, 1, 1]);
  });

  it("reaches tabs that do nothing, however it came", async () => {
    const [one, idle] = [open(), open()];
    await Promise.all([use(one), use(idle)]);
    platform.rest["refresh"] = () => {
      leave();
      return Response.json({ error: { message: "Over." } }, { status: 401 });
    };
    expire();
    await expect(use(one)).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    await settle();
    expect(idle.signedOut()).toBe(1);
    begin(aliceSession);
    await use(idle);
    platform.rest["login"] = signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    await settle();
    expect([one.signedOut(), idle.signedOut()]).toEqual([1, 2]);
  });

  it("by signing out is told in the other tabs", async () => {
    const [one, other] = [open(), open()];
    await Promise.all([use(one), use(other)]);
    await one.session.logout();
    await settle();
    expect([one.signedOut(), other.signedOut()]).toEqual([0, 1]);
  });

  it("is noticed by a tab that slept through the message, when it is looked at again or used", async () => {
    const deaf = { channel: { tell: () => undefined, listen: () => () => undefined } };
    const [one, hidden, busy] = [open(), open(deaf), open(deaf)];
    await Promise.all([use(one), use(hidden), use(busy)]);
    hidden.tab.hide();
    await one.session.logout();
    expect([hidden.signedOut(), busy.signedOut()]).toEqual([0, 0]);
    hidden.tab.show();
    await expect(use(busy)).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([hidden.signedOut(), busy.signedOut()]).toEqual([1, 1]);
  });

  it("is not told to a tab that follows no longer", async () => {
    const [one, other] = [open(), open()];
    await use(other);
    other.session.close();
    await one.session.logout();
    await settle();
    expect(other.signedOut()).toBe(0);
  });
});

describe("somebody else who signs in in another tab", () => {
  it("ends the session of the others, and gets none of their calls", async () => {
    const [one, other] = [open(), open()];
    await use(other);
    const { promise, resolve } = Promise.withResolvers<void>();
    platform.gate = promise;
    expire();
    const stale = other.client.orders.place.mutate({ productId: "of-alice" });
    await expect.poll(() => platform.seen.at(-1)).toBe("POST /trpc/orders/place");
    platform.rest["login"] = signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    resolve();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([platform.placed, refreshes(), other.signedOut()]).toEqual([[], 0, 1]);
  });

  it("does so also where no message arrives", async () => {
    const deaf = { channel: { tell: () => undefined, listen: () => () => undefined } };
    const [one, other] = [open(), open(deaf)];
    await use(other);
    const { promise, resolve } = Promise.withResolvers<void>();
    platform.gate = promise;
    expire();
    const stale = other.client.orders.place.mutate({ productId: "of-alice" });
    await expect.poll(() => platform.seen.at(-1)).toBe("POST /trpc/orders/place");
    platform.rest["login"] = signInAs(bobSession);
    await one.session.login({ email: "bob@example.com", password: "right" });
    resolve();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect([platform.placed, refreshes(), other.signedOut()]).toEqual([[], 0, 1]);
  });
});

describe("ahead of its end", () => {
  it("a token is renewed while its page is looked at and used, by one tab for all", async () => {
    const tabs = [open(), open()];
    await Promise.all(tabs.map(use));
    await browser.advance(life - 61);
    expect(refreshes()).toBe(0);
    await browser.advance(2);
    expect(refreshes()).toBe(1);
    expect(await Promise.all(tabs.map(use))).toHaveLength(2);
    await browser.advance(life - 63);
    expect(refreshes()).toBe(1);
    await browser.advance(2);
    expect(refreshes()).toBe(2);
    expect(platform.seen).toHaveLength(6);
  });

  it("the token is left to end where nobody looks, and renewed once when somebody does again", async () => {
    const tabs = [open(), open(), open()];
    await Promise.all(tabs.map(use));
    for (const { tab } of tabs) tab.hide();
    await Promise.all(tabs.map(use)); // a page in the background may go on asking
    expect(browser.waiting()).toBe(0);
    await browser.advance(8 * 3600);
    expect(refreshes()).toBe(0);
    for (const { tab } of tabs) tab.show();
    await browser.advance(0);
    expect(refreshes()).toBe(1);
  });

  it("the token is left to end where the page makes no calls, until it makes one", async () => {
    const tab = open();
    await use(tab);
    await browser.advance(life);
    expect(refreshes()).toBe(1);
    await browser.advance(5 * life);
    expect([refreshes(), browser.waiting()]).toEqual([1, 0]);
    await use(tab);
    await browser.advance(0);
    expect(refreshes()).toBe(2);
  });

  it("a failed renewal is not repeated by itself, and at most once a minute by calls", async () => {
    const tab = open();
    await use(tab);
    platform.rest["refresh"] = () => new Response("", { status: 503 });
    await browser.advance(life - 59);
    expect(refreshes()).toBe(1);
    await browser.advance(20);
    expect(refreshes()).toBe(1);
    for (let call = 0; call < 5; call += 1) await use(tab);
    await browser.advance(30);
    expect(refreshes()).toBe(1);
    await browser.advance(30);
    expect(refreshes()).toBe(2);
    expect(tab.signedOut()).toBe(0);
  });

  it("tokens that live shorter than the notice are renewed once a minute at most", async () => {
    const short = 20;
    platform.rest["refresh"] = () => {
      begin(aliceSession, (browser.hint?.generation ?? 0) + 1);
      if (browser.hint !== null) browser.hint.endsAt = browser.now() + short * 1000;
      return Response.json({ user, expiresIn: short });
    };
    const tab = open();
    for (let second = 0; second < life + 120; second += 10) {
      await use(tab);
      await browser.advance(10);
    }
    expect(refreshes()).toBeLessThanOrEqual(4);
  });

  it("a clock that is wrong is set right by auth's own word", async () => {
    const ahead = 3 * 3600;
    if (browser.hint !== null) browser.hint.endsAt -= ahead * 1000;
    platform.rest["refresh"] = () => {
      begin(aliceSession, (browser.hint?.generation ?? 0) + 1);
      if (browser.hint !== null) browser.hint.endsAt -= ahead * 1000;
      return Response.json({ user, expiresIn: life });
    };
    const tab = open();
    await use(tab);
    await browser.advance(0);
    expect(refreshes()).toBe(1);
    await use(tab);
    await browser.advance(life - 61);
    expect(refreshes()).toBe(1);
    await browser.advance(2);
    expect(refreshes()).toBe(2);
  });

  it("nothing is renewed after signing out, and no timer is left", async () => {
    const tab = open();
    await use(tab);
    await tab.session.logout();
    await browser.advance(2 * life);
    expect([refreshes(), browser.waiting()]).toEqual([0, 0]);
    const closed = open();
    begin(aliceSession);
    await use(closed);
    closed.session.close();
    expect(browser.waiting()).toBe(0);
  });
});
