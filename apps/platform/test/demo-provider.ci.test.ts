import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Platform } from "../src/run/start-platform.ts";
import { launchBrowser, whyNoBrowser } from "./browser.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const reason = whyNoBrowser();

/** The way to a provider and back in a real browser, where it matters which cookies go along. */
describe("the demo provider in a real browser", { timeout: 60_000 }, () => {
  let platform: Platform;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    if (reason !== null) return;
    platform = await startTestPlatform();
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });
  beforeEach(async (test) => {
    if (reason !== null) return test.skip(reason);
    context = await browser.newContext();
    return () => context.close();
  });

  const signInLink = "Sign in with the demo provider";

  it("signs in whoever follows the link of the front page, and the page after it is signed in", async () => {
    const page = await context.newPage();
    await page.goto(platform.url);
    await page.getByRole("link", { name: signInLink }).click();
    expect(new URL(page.url()).hostname).toBe("127.0.0.1"); // another site than localhost
    await page.getByLabel("E-mail").fill("erin@example.com");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${platform.url}/trpc/auth/me`);
    expect(await page.locator("body").innerText()).toContain('"email":"erin@example.com"');
    const names = (await context.cookies(`${platform.url}/auth`)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["auth_token", "refresh_token", "session_hint", "known_device"]));
  });

  it("replaces the session of the browser, whose Strict cookie the click at the provider does not bring", async () => {
    const page = await context.newPage();
    const signIn = async () => {
      await page.goto(`${platform.url}/auth/demo?to=/trpc/auth/sessions.list`);
      const button = page.getByRole("button", { name: "Sign in" });
      if (await button.isVisible()) await button.click();
      await page.waitForURL(`${platform.url}/trpc/auth/sessions.list`);
      return (await page.locator("body").innerText()).match(/"createdAt"/g)?.length;
    };
    expect(await signIn()).toBe(1);
    await context.clearCookies({ domain: "127.0.0.1" }); // so that the provider asks again
    expect(await signIn()).toBe(1);
  });

  it("leads back from a page that says so when the person declines", async () => {
    const page = await context.newPage();
    await page.goto(`${platform.url}/auth/demo?to=/`);
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("heading", { name: "This did not work" }).waitFor();
    await page.getByRole("link", { name: "Back" }).click();
    await page.waitForURL(`${platform.url}/`);
    expect((await context.cookies(`${platform.url}/auth`)).map(({ name }) => name)).toEqual(["sign_in"]);
  });

  it("takes the answer of a provider that posts it by a form", async () => {
    const page = await context.newPage();
    const { href } = await locationOf(`${platform.url}/auth/demo?to=/trpc/auth/me`);
    const url = new URL(href);
    url.searchParams.set("response_mode", "form_post");
    await page.goto(url.href);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${platform.url}/trpc/auth/me`);
    expect(await page.locator("body").innerText()).toContain('"email":"dana@example.com"');
  });

  /** Where a sign-in of this browser leads to, without going there. */
  async function locationOf(address: string): Promise<URL> {
    const answer = await context.request.get(address, { maxRedirects: 0 });
    return new URL(answer.headers()["location"] ?? "");
  }
});

it("there is no demo provider without the demo, as in production, nor beside a configured one", {
  timeout: 60_000,
}, async () => {
  const configured = {
    name: "acme",
    label: "Acme",
    issuer: "http://127.0.0.1:1",
    clientId: "us",
    proof: { kind: "secret", secret: "s" },
    scopes: ["openid"],
    claims: { email: "email", emailVerified: "email_verified" },
    verifiedValues: [true],
    responseMode: "query",
  } as const;
  for (const changes of [{ seed: false }, { providers: [configured] }]) {
    const platform = await startTestPlatform(changes);
    expect(platform.demoProvider).toBe(false);
    expect((await fetch(`${platform.url}/auth/demo`)).status).toBe(404);
    if ("providers" in changes) {
      const down = await fetch(`${platform.url}/auth/acme?to=/cart`); // nobody answers there, and the start went on
      expect(down.status).toBe(503);
      expect(await down.text()).toContain('<a href="/cart">Back</a>');
    }
    await platform.stop();
  }
});
