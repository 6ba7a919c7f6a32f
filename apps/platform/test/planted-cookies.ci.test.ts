import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import { bundlePage, launchBrowser, whyNoBrowser } from "./browser.ts";
import type { TestPage } from "./page.ts";
import { createPages, type Site, startSite } from "./ssr-site.ts";

declare const shop: TestPage;

const [alice] = demoUsers;
const reason = whyNoBrowser();
const domain = "localhost";

/** As another application on the host, on whatever port, leaves them: cookies are not told apart by ports. */
const planted = ["/", "/trpc", "/trpc/auth/", "/auth", "/auth/"].flatMap((path) => [
  { name: "auth_token", value: "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2ln", domain, path },
  { name: "refresh_token", value: "", domain, path },
]);

describe("a real browser with cookies that others left under our names", { timeout: 60_000 }, () => {
  let site: Site;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    if (reason !== null) return;
    const script = await bundlePage();
    site = await startSite({ pages: (gateway) => withApp(script, createPages(gateway)) });
    browser = await launchBrowser();
    return async () => {
      await browser.close();
      await site.stop();
    };
  }, 120_000);

  beforeEach(async (test) => {
    if (reason !== null) return test.skip(reason);
    context = await browser.newContext();
    await context.addCookies(planted);
    return () => context.close();
  });

  const use = (page: Page) => page.evaluate(() => shop.use()).then(([email]) => email);
  async function signIn(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${site.url}/app`);
    await page.evaluate((who) => shop.session.login(who), { email: alice.email, password: alice.password });
    return page;
  }

  it("gets its pages, signs in, and is rid of them", async () => {
    const page = await context.newPage();
    await page.goto(`${site.url}/page`);
    expect(await page.innerText("body")).toBe("Hello stranger");
    expect(await use(await signIn())).toBe(alice.email);
    await page.goto(`${site.url}/page`);
    expect(await page.innerText("body")).toBe(`Hello ${alice.email}`);
  });

  it("stays signed in when they come again, beside ours or in their place, and renews its session", async () => {
    const page = await signIn();
    await context.addCookies(planted.filter(({ path }) => path !== "/" && path !== "/auth"));
    expect(await use(page)).toBe(alice.email);
    await context.clearCookies({ name: "auth_token", path: "/" });
    expect(await use(page)).toBe(alice.email);
    await context.addCookies(planted.filter(({ name }) => name === "auth_token"));
    expect(await use(page)).toBe(alice.email);
  });

  it("signs out, and its session is over", async () => {
    const page = await signIn();
    const ours = await context.cookies(`${site.url}/auth/refresh`);
    const refresh = ours.find(({ name, value }) => name === "refresh_token" && value !== "")?.value ?? "";
    await context.addCookies(planted.filter(({ path }) => path !== "/" && path !== "/auth"));
    await page.evaluate(() => shop.session.logout());
    const headers = { cookie: `refresh_token=${refresh}` };
    expect((await fetch(`${site.url}/auth/refresh`, { method: "POST", headers })).status).toBe(401);
    const left = await context.cookies(`${site.url}/auth/refresh`);
    expect(left.filter(({ name, path }) => path !== "/auth/refresh" && name !== "known_device")).toEqual([]);
  });
});

function withApp(script: string, render: (request: Request) => Promise<Response>) {
  const answer = (body: string, type: string) => new Response(body, { headers: { "content-type": type } });
  return async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/app") return answer('<script type="module" src="/page.js"></script>', "text/html");
    if (pathname === "/page.js") return answer(script, "text/javascript");
    return pathname === "/favicon.ico" ? new Response(null, { status: 204 }) : render(request);
  };
}
