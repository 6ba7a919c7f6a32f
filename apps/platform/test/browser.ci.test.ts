import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import { bundlePage, launchBrowser, whyNoBrowser } from "./browser.ts";
import type { TestPage } from "./page.ts";
import { createPages, type Site, startSite } from "./ssr-site.ts";

declare const shop: TestPage;

const [alice, bob] = demoUsers;
const reason = whyNoBrowser();

describe("in a real browser", { timeout: 60_000 }, () => {
  let site: Site;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    if (reason !== null) return;
    const script = await bundlePage();
    site = await startSite({ pages: (gateway) => withScript(script, createPages(gateway)) });
    browser = await launchBrowser();
    return async () => {
      await browser.close();
      await site.stop();
    };
  }, 120_000);

  beforeEach(async (test) => {
    if (reason !== null) return test.skip(reason);
    context = await browser.newContext();
    site.held.clear();
    return () => context.close();
  });

  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${site.url}/app`);
    return page;
  }

  const use = (page: Page): Promise<string[]> => page.evaluate(() => shop.use());
  const signIn = (page: Page, { email, password }: { email: string; password: string }) =>
    page.evaluate((who) => shop.session.login(who), { email, password });
  const signedOut = (page: Page): Promise<number> => page.evaluate(() => shop.signedOut());
  const expireToken = () => context.clearCookies({ name: "auth_token" });
  const refreshes = (): number => site.seen.filter((line) => line.startsWith("POST /auth/refresh")).length;

  async function openSignedIn(tabs: number): Promise<Page[]> {
    const pages = [];
    for (let tab = 0; tab < tabs; tab += 1) pages.push(await openTab());
    const [first] = pages;
    if (first !== undefined) await signIn(first, alice);
    await Promise.all(pages.map(use));
    site.seen.length = 0;
    return pages;
  }

  it("tabs whose access token ended at once make exactly one refresh", async () => {
    const pages = await openSignedIn(5);
    for (let round = 1; round <= 3; round += 1) {
      await expireToken();
      const answers = await Promise.all(pages.map(use));
      expect(answers.map(([email]) => email)).toEqual(pages.map(() => alice.email));
      expect(refreshes()).toBe(round);
    }
    expect(await Promise.all(pages.map(signedOut))).toEqual(pages.map(() => 0));
  });

  it("tabs of a browser without Web Locks stay signed in all the same", async () => {
    await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    const pages = await openSignedIn(3);
    for (let round = 0; round < 3; round += 1) {
      await expireToken();
      const answers = await Promise.all(pages.map(use));
      expect(answers.map(([email]) => email)).toEqual([alice.email, alice.email, alice.email]);
    }
    expect(await Promise.all(pages.map(signedOut))).toEqual([0, 0, 0]);
  });

  it("signing out reaches every tab, once", async () => {
    const [one, other, third] = await openSignedIn(3);
    if (one === undefined || other === undefined || third === undefined) throw new Error("Three tabs were opened.");
    await one.evaluate(() => shop.session.logout());
    await expect.poll(() => Promise.all([other, third].map(signedOut))).toEqual([1, 1]);
    await expect(use(other)).rejects.toThrow(/UNAUTHORIZED|sign in/i);
    expect(await Promise.all([one, other, third].map(signedOut))).toEqual([0, 1, 1]);
  });

  it("a refused refresh is told once in every tab", async () => {
    const pages = await openSignedIn(2);
    await context.clearCookies({ name: "refresh_token" });
    await expireToken();
    const failed = await Promise.allSettled(pages.map(use));
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect.poll(() => Promise.all(pages.map(signedOut))).toEqual([1, 1]);
    expect(refreshes()).toBe(1);
    expect((await context.cookies()).map(({ name }) => name)).toEqual(["known_device"]);
  });

  it("somebody else who signs in ends the session of the other tabs", async () => {
    const [one, other] = await openSignedIn(2);
    if (one === undefined || other === undefined) throw new Error("Two tabs were opened.");
    await signIn(one, bob);
    await expect.poll(() => signedOut(other)).toBe(1);
    expect((await use(other))[0]).toBe(bob.email);
  });

  /** A refresh that auth has done and whose answer is still on its way to this page; gives what lets it arrive. */
  async function beginRefresh(page: Page): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    site.held.set("/auth/refresh", promise);
    await expireToken();
    await page.evaluate(() => void shop.use().catch(() => undefined)); // the page may be gone by then
    await expect.poll(refreshes).toBe(1);
    return resolve;
  }
  const hint = async (): Promise<string | undefined> =>
    (await context.cookies()).find(({ name }) => name === "session_hint")?.value;

  it("a page that is left while it renews its session loses no token", async () => {
    const [page] = await openSignedIn(1);
    if (page === undefined) throw new Error("A tab was opened.");
    const before = await hint();
    const arrive = await beginRefresh(page);
    await page.goto(`${site.url}/link`);
    arrive();
    await expect.poll(hint).not.toBe(before);
  });

  it("a tab that is closed while it renews the session does not keep the others waiting", async () => {
    const [one, other] = await openSignedIn(2);
    if (one === undefined || other === undefined) throw new Error("Two tabs were opened.");
    const arrive = await beginRefresh(one);
    const using = use(other);
    await one.close();
    await expect.poll(refreshes).toBe(2); // it has the lock now, and asks with the same token
    arrive();
    expect((await using)[0]).toBe(alice.email);
    expect([await signedOut(other), (await hint())?.split(".")[1]]).toEqual([0, "1"]);
  });

  it("an answer that comes late does not bring back who was there before", async () => {
    const [one, other] = await openSignedIn(2);
    if (one === undefined || other === undefined) throw new Error("Two tabs were opened.");
    const arrive = await beginRefresh(one);
    const coming = signIn(other, bob);
    await Promise.race([coming, other.waitForTimeout(2_000)]);
    arrive();
    await coming;
    await other.waitForTimeout(300); // whatever was still on its way has arrived
    expect((await use(other))[0]).toBe(bob.email);
    expect((await use(one))[0]).toBe(bob.email);
  });

  it("nor who signed out meanwhile", async () => {
    const [one, other] = await openSignedIn(2);
    if (one === undefined || other === undefined) throw new Error("Two tabs were opened.");
    const arrive = await beginRefresh(one);
    const leaving = other.evaluate(() => shop.session.logout());
    await Promise.race([leaving, other.waitForTimeout(2_000)]);
    arrive();
    await leaving;
    await other.waitForTimeout(300); // whatever was still on its way has arrived
    expect((await context.cookies()).map(({ name }) => name)).toEqual(["known_device"]);
  });

  it("nothing that scripts can read holds a token", async () => {
    const [page] = await openSignedIn(1);
    if (page === undefined) throw new Error("A tab was opened.");
    await expireToken();
    await use(page);
    const found = await page.evaluate(readStorage);
    expect(found).toEqual({ local: 0, session: 0, databases: 0, caches: 0, cookies: [expect.any(String)] });
    expect(found.cookies[0]).toMatch(/^session_hint=[0-9a-f]{16}\.1\.\d+$/);
  });

  /** One tab with a clock of its own: the clock of one tab is that of all of them. */
  async function openWithClock(): Promise<Page> {
    const [page] = await openSignedIn(1);
    if (page === undefined) throw new Error("A tab was opened.");
    await page.clock.install();
    await page.reload();
    return page;
  }
  /** Within the last minute of a token, which lives for 9.5 to 10. */
  const almostTheEnd = 9.2 * 60_000;

  it("a page that is looked at is renewed ahead of its token's end", async () => {
    const page = await openWithClock();
    await use(page);
    await page.clock.fastForward(almostTheEnd);
    await expect.poll(refreshes).toBe(1);
  });

  it("a page in the background is not renewed before somebody looks at it again", async () => {
    const page = await openWithClock();
    await page.evaluate(setVisibility, "hidden");
    await use(page);
    await page.clock.fastForward(almostTheEnd);
    await use(page); // whatever the page would have sent by itself has been sent before this
    expect(refreshes()).toBe(0);
    await page.evaluate(setVisibility, "visible");
    await expect.poll(refreshes).toBe(1);
  });

  it("a subscription goes on when its token has ended, without a token in its address", async () => {
    const [page] = await openSignedIn(1);
    if (page === undefined) throw new Error("A tab was opened.");
    await expireToken();
    await page.evaluate(() => void shop.watch());
    await expect.poll(() => site.seen.some((line) => /^GET \/trpc\/orders\/watch.* 200$/.test(line))).toBe(true);
    expect(refreshes()).toBe(1);
    expect(site.seen.join()).not.toContain("eyJ");
  });

  it("a first page load with a token that has gone is rendered signed in, whoever linked to it", async () => {
    await openSignedIn(1);
    const page = await context.newPage();
    for (const from of [site.url, site.url.replace("localhost", "127.0.0.1")]) {
      await page.goto(`${from}/link`);
      await expireToken();
      site.seen.length = 0;
      await page.getByRole("link").click();
      await page.getByText(`Hello ${alice.email}`).waitFor();
      expect(new URL(page.url()).pathname).toBe("/page");
      expect((await context.cookies()).map(({ name }) => name)).toContain("auth_token");
      expect(site.seen.filter((line) => line.startsWith("GET /page"))).toHaveLength(2);
      await context.clearCookies({ name: "continued" });
    }
  });

  it("and signed out when the session is over, after one way round", async () => {
    await openSignedIn(1);
    await context.clearCookies({ name: "refresh_token" });
    await expireToken();
    const page = await context.newPage();
    await page.goto(`${site.url}/page`);
    expect(await page.innerText("body")).toBe("Hello stranger");
    expect(site.seen.filter((line) => line.includes("/auth/continue"))).toHaveLength(1);
  });

  it("another site's picture or frame of /auth/continue changes nothing", async () => {
    await openSignedIn(1);
    const before = await context.cookies();
    const page = await context.newPage();
    await page.goto(`${site.url.replace("localhost", "127.0.0.1")}/attack`);
    await expect.poll(() => site.seen.filter((line) => line.includes("/auth/continue")).length).toBe(2);
    expect(site.seen.filter((line) => line.includes("/auth/continue")).every((line) => line.endsWith(" 403"))).toBe(
      true,
    );
    expect(await context.cookies()).toEqual(before);
  });

  /** The pages of the tests beside those that are rendered: an app, a page with a link, and one with bad intentions. */
  function withScript(script: string, render: (request: Request) => Promise<Response>) {
    const page = (body: string) =>
      new Response(`<!doctype html><title>Shop</title>${body}`, { headers: { "content-type": "text/html" } });
    const attack = (): string =>
      `<img src="${site.url}/auth/continue?to=/"><iframe src="${site.url}/auth/continue?to=/"></iframe>`;
    return (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      const made: Record<string, () => Response> = {
        "/app": () => page('<script type="module" src="/page.js"></script>'),
        "/page.js": () => new Response(script, { headers: { "content-type": "text/javascript" } }),
        "/link": () => page(`<a href="${site.url}/page">Shop</a>`),
        "/attack": () => page(attack()),
        "/favicon.ico": () => new Response(null, { status: 204 }),
      };
      const own = made[pathname]?.();
      return own === undefined ? render(request) : Promise.resolve(own);
    };
  }
});

/** Headless tabs are all visible; a page that is told otherwise cannot tell the difference. */
function setVisibility(state: string): void {
  const { document } = globalThis as unknown as { document: EventTarget }; // runs in the browser
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** How much of each kind of storage a page uses, and the cookies that its scripts see. */
async function readStorage() {
  const page = globalThis as unknown as {
    readonly [storage in "localStorage" | "sessionStorage"]: { readonly length: number };
  } & {
    readonly indexedDB: { databases(): Promise<readonly unknown[]> };
    readonly caches: { keys(): Promise<readonly string[]> };
    readonly document: { readonly cookie: string };
  }; // runs in the browser
  return {
    local: page.localStorage.length,
    session: page.sessionStorage.length,
    databases: (await page.indexedDB.databases()).length,
    caches: (await page.caches.keys()).length,
    cookies: page.document.cookie.split("; "),
  };
}
