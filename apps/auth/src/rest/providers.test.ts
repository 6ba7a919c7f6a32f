import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrations, publicUrl, someEmail } from "../../test/open-test-auth.ts";
import { isSignedIn, openProviderWorld, type ProviderWorld, somebody } from "../../test/provider-world.ts";
import { post, registerUser } from "../../test/requests.ts";

/** Sign-ins with real providers over HTTP. */
describeDatabases("signing in with a provider", { migrations }, (open) => {
  let world: ProviderWorld;
  beforeAll(async () => {
    world = await openProviderWorld(await open());
  });
  afterAll(() => world.stop());

  it("makes an account, signs in, and goes on to the page that was wanted, signed in", async () => {
    const browser = world.openBrowser();
    const person = somebody();
    const shown = await world.signIn(browser, person, world.one, "/trpc/me?page=2");
    expect(shown).toMatchObject({ status: 200, url: `${publicUrl}/trpc/me?page=2` });
    expect(shown.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(Object.keys(browser.cookies())).toEqual([
      "sign_in",
      "auth_token",
      "refresh_token",
      "session_hint",
      "known_device",
    ]);
    expect(await world.meOf(browser)).toMatchObject({ result: { data: { email: person["email"], roles: ["user"] } } });
  });

  it("knows the person again by issuer and subject, whatever the address is now, and replaces the session", async () => {
    const browser = world.openBrowser();
    const person = somebody();
    await world.signIn(browser, person);
    const before = await world.meOf(browser);
    const token = browser.cookies()["auth_token"];
    await world.signIn(browser, { ...person, email: someEmail(), email_verified: false });
    expect(await world.meOf(browser)).toEqual(before);
    const headers = { authorization: `Bearer ${token}` };
    await expect.poll(async () => (await world.app.request("/trpc/me", { headers })).status).toBe(401);
  });

  it("takes no callback in a browser that did not begin, and leaves it to the one that did", async () => {
    const [victim, attacker] = [world.openBrowser(), world.openBrowser()];
    const callback = await world.callbackOf(attacker, somebody());
    await victim.go("/auth/one", /authorize|auth\?/); // has a cookie of its own
    expect(await victim.go(callback.href)).toMatchObject({ status: 400 });
    expect(isSignedIn(victim)).toBe(false);
    await attacker.go(callback.href, /4000\/$/);
    expect(isSignedIn(attacker)).toBe(true);
  });

  it("takes no callback at another provider than the one that was asked", async () => {
    const browser = world.openBrowser();
    const callback = await world.callbackOf(browser, somebody());
    expect((await browser.go(callback.href.replace("/auth/one/", "/auth/other/"))).status).toBe(400);
    expect(isSignedIn(browser)).toBe(false);
  });

  it("leads to the account whose owner has proved the same address, unless it is disabled", async () => {
    const [person, other] = [somebody(), somebody()];
    for (const { email } of [person, other]) await registerUser(world.app, String(email));
    const proved = "update auth.users set verified_at = now(), status = $2 where email = $1";
    await world.auth.database.query(proved, [person["email"], "active"]);
    await world.auth.database.query(proved, [other["email"], "disabled"]);
    const browser = world.openBrowser();
    await world.signIn(browser, person);
    expect(await world.meOf(browser)).toMatchObject({ result: { data: { email: person["email"] } } });
    expect((await world.signIn(world.openBrowser(), { ...person, sub: "x", email_verified: false })).status).toBe(403);
    expect((await world.signIn(world.openBrowser(), other)).status).toBe(409);
  });

  it("takes over no account by its address", async () => {
    const person = somebody();
    await registerUser(world.app, String(person["email"]));
    const browser = world.openBrowser();
    const shown = await world.signIn(browser, { ...person, email: String(person["email"]).toUpperCase() });
    expect(shown).toMatchObject({ status: 409 });
    expect(shown.text).toContain("Sign in to it first");
    expect(isSignedIn(browser)).toBe(false);
  });

  it("answers a password for an account without one like a wrong password", async () => {
    const person = somebody();
    await world.signIn(world.openBrowser(), person);
    const attempt = (email: unknown, password: string) => post(world.app, "/auth/login", { json: { email, password } });
    const email = someEmail();
    await registerUser(world.app, email);
    const hashes = world.auth.deps.passwords.computed();
    const [without, wrong] = [await attempt(person["email"], "null"), await attempt(email, "wrong horse")];
    const plain = ({ status, body }: typeof wrong) =>
      JSON.stringify({ status, body }).replace(/"requestId":"[^"]*"/, "");
    expect(plain(without)).toBe(plain(wrong));
    expect(without.status).toBe(401);
    expect(world.auth.deps.passwords.computed() - hashes).toBe(2);
  });

  it("answers a form of the provider with a page of ours, which brings every cookie", async () => {
    const browser = world.openBrowser();
    const callback = await world.callbackOf(browser, somebody());
    const form = { method: "POST", body: new URLSearchParams([...callback.searchParams, ["user", "x".repeat(999)]]) };
    const bounced = await browser.ask(new URL("/auth/one/callback", publicUrl), "cross-site", form);
    const text = await bounced.text();
    expect(text).not.toContain("xxx");
    const [, next = ""] = /content="0;url=([^"]*)"/.exec(text) ?? [];
    await browser.go(next.replaceAll("&amp;", "&"), /4000\/$/);
    expect(isSignedIn(browser)).toBe(true);
  });
});
