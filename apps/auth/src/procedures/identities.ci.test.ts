import { createHash } from "node:crypto";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { readMailbox, tokenIn } from "../../test/mailbox.ts";
import { migrations, publicUrl, someEmail } from "../../test/open-test-auth.ts";
import { isSignedIn, openProviderWorld, type ProviderWorld, somebody } from "../../test/provider-world.ts";
import { post, registerUser, tokensOf } from "../../test/requests.ts";
import type { TestBrowser } from "../../test/test-browser.ts";

const envelope = z.object({
  result: z.object({ data: z.unknown() }).optional(),
  error: z.object({ data: z.object({ code: z.string() }) }).optional(),
});
const link = z.object({ url: z.string() });
const identityList = z.object({
  items: z.array(z.object({ id: z.string(), provider: z.string(), email: z.string().nullable() })),
  hasPassword: z.boolean(),
});

/** Linked providers, and codes in bearer mode, with a real provider over HTTP. */
describeDatabases("identities", { migrations }, (open) => {
  let world: ProviderWorld;
  beforeAll(async () => {
    world = await openProviderWorld(await open(), {
      signInRedirects: [app, "http://127.0.0.1/signed-in"],
      mail: { kind: "outbox" },
    });
  });
  afterAll(() => world.stop());

  const app = "com.example.shop:/signed-in";
  const password = "correct horse";

  async function call(token: string | undefined, path: string, input?: object) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = input === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(input) };
    const answer = await world.app.request(`/trpc/identities.${path}`, init);
    const body = envelope.parse(await answer.json());
    return { data: body.result?.data, code: body.error?.data.code ?? null, cookies: answer.headers.getSetCookie() };
  }

  /** A browser in which somebody signed in with a password. */
  async function register(email = someEmail()): Promise<TestBrowser> {
    const browser = world.openBrowser();
    const body = JSON.stringify({ email, password });
    const init = { method: "POST", body, headers: { "content-type": "application/json" } };
    await browser.ask(new URL("/auth/register", publicUrl), "same-origin", init);
    return browser;
  }
  const accessTokenIn = (browser: TestBrowser) => browser.cookies()["auth_token"];
  async function beginLink(browser: TestBrowser, to = "/account"): Promise<string> {
    const { data, cookies } = await call(accessTokenIn(browser), "link", { provider: "one", to });
    browser.keep(publicUrl, new Headers(cookies.map((cookie): [string, string] => ["set-cookie", cookie])));
    return link.parse(data).url;
  }
  async function linkIn(browser: TestBrowser, person = somebody()) {
    browser.forget(world.one.settings.issuer);
    world.one.person = person;
    return { person, shown: await browser.go(await beginLink(browser), /4000\/account/) };
  }
  const listIn = async (browser: TestBrowser) => identityList.parse((await call(accessTokenIn(browser), "list")).data);
  const unlink = (browser: TestBrowser, identityId: string | undefined) =>
    call(accessTokenIn(browser), "unlink", { identityId });

  it("are linked by a person who is signed in, also with an address that is not confirmed or somebody else's", async () => {
    const browser = await register();
    const other = someEmail();
    await registerUser(world.app, other);
    const { person } = await linkIn(browser, somebody({ email: other, email_verified: false }));
    expect(await listIn(browser)).toMatchObject({ items: [{ provider: "one", email: other }], hasPassword: true });
    const elsewhere = world.openBrowser();
    await world.signIn(elsewhere, person);
    expect(await world.meOf(elsewhere)).toEqual(await world.meOf(browser));
  });

  it("are linked in the browser alone in which that was begun", async () => {
    const [attacker, victim] = [await register(), await register()];
    world.one.person = somebody();
    const url = await beginLink(attacker);
    expect((await victim.go(url)).status).toBe(400);
    expect(await listIn(attacker)).toMatchObject({ items: [] });
    expect(await listIn(victim)).toMatchObject({ items: [] });
  });

  it("are not linked once the session is over", async () => {
    const browser = await register();
    world.one.person = somebody();
    const url = await beginLink(browser);
    await post(world.app, "/auth/logout", { headers: { authorization: `Bearer ${accessTokenIn(browser)}` } });
    expect((await browser.go(url)).status).toBe(401);
    await expect(world.registrationOf(world.one.person)).resolves.toBe(200);
  });

  it("belong to one account", async () => {
    const { person, shown } = await linkIn(await register());
    expect(shown.status).toBe(200);
    const second = await register();
    expect((await linkIn(second, person)).shown.status).toBe(409);
    expect(await listIn(second)).toMatchObject({ items: [] });
  });

  it("are unlinked, but for the last way in", async () => {
    const browser = world.openBrowser();
    const person = somebody();
    await world.signIn(browser, person);
    const [only] = (await listIn(browser)).items;
    expect((await unlink(browser, only?.id)).code).toBe("CONFLICT");
    await linkIn(browser);
    const { items } = await listIn(browser);
    const both = await Promise.all(items.map(({ id }) => unlink(browser, id)));
    expect(new Set(both.map(({ code }) => code))).toEqual(new Set(["CONFLICT", null]));
    expect((await listIn(browser)).items).toHaveLength(1);
  });

  it("of others cannot be unlinked", async () => {
    const [own, foreign] = [await register(), await register()];
    await linkIn(own);
    const [row] = (await listIn(own)).items;
    expect((await unlink(foreign, row?.id)).code).toBe("NOT_FOUND");
  });

  it("go when a reset by mail proves the mailbox for the first time: somebody else may have registered it", async () => {
    const email = someEmail();
    const { person } = await linkIn(await register(email), somebody({ email_verified: false }));
    for (const status of [403, 200]) {
      await post(world.app, "/auth/reset", { json: { email } });
      const token = tokenIn(await readMailbox(world, email), "/auth/reset");
      await post(world.app, "/auth/reset/confirm", { json: { token, newPassword: "a fresh password" } });
      expect((await world.signIn(world.openBrowser(), person)).status).toBe(status);
      if (status === 200) break;
      const owner = world.openBrowser();
      const json = JSON.stringify({ email, password: "a fresh password" });
      const init = { method: "POST", body: json, headers: { "content-type": "application/json" } };
      await owner.ask(new URL("/auth/login", publicUrl), "same-origin", init);
      await linkIn(owner, person); // once more, by the owner: it stays at later resets
    }
  });

  it("that were unlinked sign nobody in", async () => {
    const browser = await register();
    const { person } = await linkIn(browser, somebody({ email_verified: false }));
    const [row] = (await listIn(browser)).items;
    await unlink(browser, row?.id);
    const again = world.openBrowser();
    expect((await world.signIn(again, person)).status).toBe(403);
    expect(isSignedIn(again)).toBe(false);
  });

  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const bearerUrl = (redirect: string, changes: Record<string, string> = {}) => {
    const query = { redirect, state: "mine", code_challenge: challenge, code_challenge_method: "S256", ...changes };
    return `/auth/one?${new URLSearchParams(query).toString()}`;
  };
  async function codeFor(person = somebody(), redirect = app): Promise<URL> {
    world.one.person = person;
    return new URL((await world.openBrowser().go(bearerUrl(redirect), /signed-in\?/)).url);
  }
  const exchange = (code: string | null, codeVerifier = verifier) =>
    post(world.app, "/auth/exchange", { json: { code, codeVerifier } });

  it("end in a code in bearer mode, which is exchanged once, with its verifier", async () => {
    const person = somebody();
    const redirect = await codeFor(person);
    expect(redirect.href).toMatch(/^com\.example\.shop:\/signed-in\?/);
    expect(redirect.searchParams.get("state")).toBe("mine");
    const code = redirect.searchParams.get("code");
    expect((await exchange(code, "w".repeat(43))).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(code)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array(7).fill(401)]);
    const taken = answers.find(({ status }) => status === 200);
    expect(taken === undefined ? null : tokensOf(taken).user.email).toBe(person["email"]);
    expect(taken?.cookies).toEqual([]);
  });

  it("give a code to a port of this machine that the client listens on", async () => {
    expect((await codeFor(somebody(), "http://127.0.0.1:49152/signed-in")).port).toBe("49152");
  });

  it("give a code that is good for a minute", async () => {
    const code = (await codeFor()).searchParams.get("code");
    world.clock.advance(61);
    expect((await exchange(code)).status).toBe(401);
    world.clock.advance(-61);
  });

  it.each([
    ["another address", "com.example.other:/signed-in", {}],
    ["another path", "http://127.0.0.1:1/other", {}],
    ["a name for this machine", "http://localhost:1/signed-in", {}],
    ["an address with a user", "http://a@127.0.0.1:1/signed-in", {}],
    ["an address that begins like one", "com.example.shop:/signed-in/more", {}],
    ["no challenge", app, { code_challenge: "" }],
    ["a plain challenge", app, { code_challenge_method: "plain" }],
    ["a page to go to beside", app, { to: "/cart" }],
  ])("give no code to %s", async (_what, redirect, changes) => {
    expect((await world.openBrowser().go(bearerUrl(redirect, changes))).status).toBe(400);
  });
});
