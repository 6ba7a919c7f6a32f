import { beforeEach, describe, expect, it } from "vitest";

import { createBrowser, settle, type TestBrowser } from "../test/browser.ts";
import { createPlatform, sessionOver } from "../test/platform.ts";
import { createSession, type Session } from "./session.ts";
import type { Timers } from "./timers.ts";
import { createMemoryTokenStore, type TokenStore } from "./token-store.ts";

const user = { id: "u1", email: "alice@example.com", roles: ["user"] };
const renewed = { accessToken: "a2", refreshToken: "r2" };
const granted = (): Response => Response.json({ user, ...renewed, tokenType: "Bearer", expiresIn: 600 });
const broken = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));

let browser: TestBrowser;
let platform: ReturnType<typeof createPlatform>;
let tokens: TokenStore;
let signedOut: number;
let session: Session;

beforeEach(() => {
  browser = createBrowser();
  platform = createPlatform();
  tokens = createMemoryTokenStore({ accessToken: "a1", refreshToken: "r1" });
  signedOut = 0;
  const onSignedOut = (): void => {
    signedOut += 1;
  };
  const surroundings = { now: browser.now, timers: browser.timers };
  session = createSession({
    url: "http://g.test",
    fetch: platform.fetch,
    mode: "bearer",
    tokens,
    onSignedOut,
    surroundings,
  });
});

/** Auth answers one request by one of these; a null is an answer that never comes. */
function answers(...told: ((() => Response | Promise<Response>) | null)[]): void {
  platform.rest["refresh"] = () => told.shift()?.() ?? new Promise<never>(() => undefined);
}

const asked = (): number => platform.seen.length;

describe("a refresh whose answer is lost", () => {
  it("with its connection is sent once more, a moment later", async () => {
    answers(broken, granted);
    const outcome = session.refresh();
    await settle();
    expect(asked()).toBe(1);
    await browser.advance(0.5);
    expect([await outcome, await tokens.get(), asked()]).toEqual([true, renewed, 2]);
    expect(browser.waiting()).toBe(0);
  });

  it("in silence is sent once more while auth still gives the same answer", async () => {
    answers(null, granted);
    const outcome = session.refresh();
    await settle();
    await browser.advance(3.9);
    expect(asked()).toBe(1);
    await browser.advance(0.2);
    expect([await outcome, await tokens.get(), asked()]).toEqual([true, renewed, 2]);
  });

  it("and comes after all, counts", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answers(() => promise, broken);
    const outcome = session.refresh();
    await settle();
    await browser.advance(4);
    expect(asked()).toBe(2);
    resolve(granted());
    expect([await outcome, await tokens.get()]).toEqual([true, renewed]);
  });

  it("twice signs nobody out", async () => {
    answers(broken, broken);
    const outcome = session.refresh().catch((error: unknown) => error);
    await settle();
    await browser.advance(1);
    expect(await outcome).toMatchObject({ name: "AuthError", status: 0 });
    expect([asked(), signedOut, (await tokens.get())?.refreshToken]).toEqual([2, 0, "r1"]);
  });

  it("while the machine slept is not asked for again: auth would take that for reuse", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answers(() => promise, sessionOver);
    const timers: Timers = { after: (ms, work) => browser.timers.after(ms + 3_600_000, work) };
    const surroundings = { now: browser.now, timers };
    const own = createSession({ url: "http://g.test", fetch: platform.fetch, mode: "bearer", tokens, surroundings });
    const outcome = own.refresh();
    await settle();
    await browser.advance(3_605);
    expect(asked()).toBe(1);
    resolve(granted());
    expect(await outcome).toBe(true);
  });
});

describe("what auth did say", () => {
  it.each<[string, () => Response]>([
    ["that the session is over", sessionOver],
    ["that it cannot decide", () => new Response("", { status: 503 })],
    ["that there were too many", () => new Response("", { status: 429 })],
  ])("%s, is not asked for again", async (_name, answer) => {
    answers(answer, granted);
    await session.refresh().catch(() => undefined); // what comes of it is told elsewhere
    await browser.advance(9);
    expect(asked()).toBe(1);
  });
});
