import type { Browser } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { launchBrowser, whyNoBrowser } from "./browser.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const [, bob] = demoUsers;
const reason = whyNoBrowser();
const newPassword = "bob has another one";

describe("a real browser at the pages of mail, through the gateway", { timeout: 60_000 }, () => {
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    if (reason !== null) return;
    platform = await startTestPlatform({ mail: { kind: "outbox" } });
    browser = await launchBrowser();
    return async () => {
      await browser.close();
      await platform.stop();
    };
  }, 120_000);

  beforeEach((test) => {
    if (reason !== null) test.skip(reason);
  });

  const login = (password: string) =>
    fetch(`${platform.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: bob.email, password, mode: "bearer" }),
    }).then(({ status }) => status);

  /** The gateway's `no-referrer` alone would have the form posted with `Origin: null`, which it refuses itself. */
  it("chooses a new password by forms, the mail of development, and no script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(`${platform.url}/auth/reset`);
    await page.fill("#email", bob.email);
    await page.click("button");
    expect(await page.innerText("h1")).toBe("Look into your mailbox");

    const link = page.getByRole("link", { name: "/auth/reset?token=" });
    await expect
      .poll(
        async () => {
          await page.goto(`${platform.url}/auth/dev/mails`);
          return await link.count();
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    await link.click();
    await page.fill("#password", newPassword);
    await page.click("button");
    expect(await page.innerText("h1")).toBe("Your password was changed");
    expect([await login(bob.password), await login(newPassword)]).toEqual([401, 200]);
    expect(problems).toEqual([]);
    await context.close();
  });
});
