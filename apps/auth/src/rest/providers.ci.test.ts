import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations, publicUrl, someEmail } from "../../test/open-test-auth.ts";
import { isSignedIn, openProviderWorld, type ProviderWorld, somebody } from "../../test/provider-world.ts";

/** Sign-ins with real providers over HTTP. */
describeDatabases("attacks on signing in with a provider", { migrations }, (open) => {
  let world: ProviderWorld;
  beforeAll(async () => {
    world = await openProviderWorld(await open());
  });
  afterAll(() => world.stop());

  it("tells people of one subject at two providers apart", async () => {
    const person = somebody();
    const [first, second] = [world.openBrowser(), world.openBrowser()];
    await world.signIn(first, person, world.one);
    await world.signIn(second, { ...person, email: someEmail() }, world.other);
    expect(await world.meOf(first)).not.toEqual(await world.meOf(second));
  });

  it("writes down the account, the link and the session", async () => {
    const browser = world.openBrowser();
    const person = somebody();
    await world.signIn(browser, person);
    const rows = await world.auth.database.query(
      "select action, outcome, detail from auth.audit order by id desc limit 3",
      [],
    );
    expect(JSON.stringify(rows)).toMatch(/session\.started.*identity\.linked.*account\.registered/);
    expect(JSON.stringify(rows)).not.toContain(person.sub);
  });

  it.each([
    ["of another provider", (callback: URL) => callback.searchParams.set("iss", world.other.settings.issuer)],
    ["with a slash more", (callback: URL) => callback.searchParams.set("iss", `${world.one.settings.issuer}/`)],
    ["that is missing", (callback: URL) => callback.searchParams.delete("iss")],
    ["twice", (callback: URL) => callback.searchParams.append("iss", world.one.settings.issuer)],
  ])("takes no answer with an issuer %s", async (_what, change) => {
    const browser = world.openBrowser();
    const person = somebody();
    const callback = await world.callbackOf(browser, person);
    change(callback);
    expect((await browser.go(callback.href)).status).toBe(502);
    expect(isSignedIn(browser)).toBe(false);
    expect(await world.registrationOf(person)).toBe(200);
  });

  it("takes no code of somebody else's sign-in", async () => {
    const [victim, attacker] = [world.openBrowser(), world.openBrowser()];
    const stolen = await world.callbackOf(victim, somebody());
    const own = await world.callbackOf(attacker, somebody());
    own.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    expect((await attacker.go(own.href)).status).toBe(502);
    expect(isSignedIn(attacker)).toBe(false);
  });

  it("takes a code once, also of parallel callbacks", async () => {
    const browser = world.openBrowser();
    const callback = await world.callbackOf(browser, somebody());
    const shown = await Promise.all(Array.from({ length: 8 }, () => browser.ask(callback, "same-origin")));
    expect(shown.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array(7).fill(400)]);
  });

  it("takes nothing after ten minutes", async () => {
    const browser = world.openBrowser();
    const callback = await world.callbackOf(browser, somebody());
    world.clock.advance(601);
    expect((await browser.go(callback.href)).status).toBe(400);
    world.clock.advance(-601);
  });

  it.each([
    ["is not confirmed", { email_verified: false }],
    ["is confirmed by a text", { email_verified: "true" }],
    ["is confirmed by a number", { email_verified: 1 }],
    ["says nothing of confirmation", { email_verified: undefined }],
    ["is missing", { email: undefined }],
    ["is none", { email: "nobody" }],
  ])("makes no account where the address %s", async (_what, claims) => {
    const browser = world.openBrowser();
    const shown = await world.signIn(browser, somebody(claims));
    expect(shown).toMatchObject({ status: 403 });
    expect(shown.text).toContain('<a href="/trpc/me">Back</a>');
    expect(isSignedIn(browser)).toBe(false);
  });

  it("keeps another subject of the provider with the same address out: it has changed hands there", async () => {
    const person = somebody();
    const owner = world.openBrowser();
    await world.signIn(owner, person);
    const browser = world.openBrowser();
    expect((await world.signIn(browser, { ...person, sub: crypto.randomUUID() })).status).toBe(409);
    expect(isSignedIn(browser)).toBe(false);
    await world.signIn(browser, { ...person, sub: crypto.randomUUID() }, world.other);
    expect(await world.meOf(browser)).toEqual(await world.meOf(owner)); // another provider confirms the same mailbox
  });

  it("signs nobody in to a disabled account", async () => {
    const browser = world.openBrowser();
    const person = somebody();
    await world.signIn(browser, person);
    await world.auth.database.query("update auth.users set status = 'disabled' where email = $1", [person["email"]]);
    const again = world.openBrowser();
    expect((await world.signIn(again, person)).status).toBe(403);
    expect(isSignedIn(again)).toBe(false);
  });

  it("says so when the person declines", async () => {
    const browser = world.openBrowser();
    world.one.person = null;
    const shown = await browser.go("/auth/one?to=/cart");
    expect(shown.status).toBe(403);
    expect(shown.text).toContain('<a href="/cart">Back</a>');
    expect(shown.text).toContain('href="/auth/one?to=%2Fcart"');
  });

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/auth/one",
    "javascript:alert(1)",
    "/%2f/evil",
  ])("leads nobody to %s", async (to) => {
    const browser = world.openBrowser();
    expect((await browser.go(`/auth/one?to=${encodeURIComponent(to)}`)).status).toBe(400);
  });

  it.each([
    ["a frame", { "sec-fetch-dest": "iframe" }],
    ["a script", { "sec-fetch-dest": "empty" }],
    ["a prefetch", { "sec-purpose": "prefetch" }],
  ])("is not for %s", async (_what, headers) => {
    const browser = world.openBrowser();
    for (const path of ["/auth/one", "/auth/one/callback?state=a&code=b"]) {
      const answer = await browser.ask(new URL(path, publicUrl), "same-origin", { headers });
      expect(answer.status).toBe(403);
      expect(browser.cookies()).toEqual({});
    }
  });

  describe("limits", () => {
    it("counts the steps of an address", async () => {
      const browser = world.openBrowser();
      const statuses = [];
      for (let step = 0; step < 301; step += 1) {
        statuses.push((await browser.ask(new URL("/auth/one/callback?state=a&code=b", publicUrl), "none")).status);
      }
      expect(new Set(statuses.slice(0, 300))).toEqual(new Set([400]));
      expect(statuses.at(-1)).toBe(429);
    });
  });
});
