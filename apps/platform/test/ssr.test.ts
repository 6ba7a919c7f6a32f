import { codeOf, forRequest } from "@countersign/client";
import makeFetchCookie from "fetch-cookie";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import { createPages, type Routers, type Site, startSite } from "./ssr-site.ts";

const [alice] = demoUsers;

let site: Site;
beforeAll(async () => {
  site = await startSite({ pages: createPages });
});
afterAll(() => site.stop());

/** What a browser holds: a cookie jar that knows nothing of us. */
function openBrowser() {
  const jar = new makeFetchCookie.toughCookie.CookieJar();
  const visit = makeFetchCookie(fetch, jar);
  return {
    jar,
    /** Goes to a page as a person does, by as many redirects as it takes. */
    open: async (path: string, headers: Record<string, string> = {}) => {
      const answer = await visit(site.url + path, { headers: { ...navigation, ...headers } });
      return { status: answer.status, url: answer.url, text: /<body>(.*)<\/body>/.exec(await answer.text())?.[1] };
    },
    signIn: async () => {
      const { email, password } = alice;
      const body = JSON.stringify({ email, password });
      await visit(`${site.url}/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body });
      site.seen.length = 0;
    },
    /** Every cookie, also that of `/auth`. */
    cookies: async () =>
      Object.fromEntries((await jar.getCookies(`${site.url}/auth/x`)).map(({ key, value }) => [key, value])),
    set: (name: string, value: string, path = "/") => jar.setCookie(`${name}=${value}; Path=${path}`, site.url),
    drop: (name: string, path = "/") => jar.setCookie(`${name}=; Path=${path}; Max-Age=0`, `${site.url}${path}`),
  };
}

const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none" };

describe("a page that a server renders", () => {
  let browser: ReturnType<typeof openBrowser>;
  beforeEach(async () => {
    browser = openBrowser();
    await browser.signIn();
  });

  it("greets who is signed in at once", async () => {
    expect(await browser.open("/orders?page=2")).toMatchObject({ status: 200, text: `Hello ${alice.email}` });
    expect(site.seen).toEqual(["GET /orders?page=2 200"]);
  });

  it("greets them also when the access token has gone with its cookie, and leaves the browser with a new pair", async () => {
    const before = await browser.cookies();
    await browser.drop("auth_token");
    expect(await browser.open("/orders?page=2")).toMatchObject({ status: 200, text: `Hello ${alice.email}` });
    expect(site.seen).toEqual([
      "GET /orders?page=2 303",
      "GET /auth/continue?to=%2Forders%3Fpage%3D2 303",
      "GET /orders?page=2 200",
    ]);
    const after = await browser.cookies();
    expect(after["auth_token"]).toBeDefined();
    expect(after["refresh_token"]).not.toBe(before["refresh_token"]);
    expect(await browser.open("/")).toMatchObject({ text: `Hello ${alice.email}` });
    expect(site.seen).toHaveLength(4);
  });

  it("greets them also when the access token is still there and good no longer", async () => {
    await browser.set("auth_token", "eyJhbGciOiJFUzI1NiJ9.e30.x");
    expect(await browser.open("/")).toMatchObject({ status: 200, text: `Hello ${alice.email}` });
    expect(site.seen).toEqual(["GET / 303", "GET /auth/continue?to=%2F 303", "GET / 200"]);
  });

  it.each([
    ["the session is over", (at: typeof browser) => at.set("refresh_token", "garbage", "/auth")],
    ["there is no refresh token", (at: typeof browser) => at.drop("refresh_token", "/auth")],
  ])("is rendered signed out when %s, with the cookies gone, and asks no more", async (_name, spoil) => {
    await browser.drop("auth_token");
    await spoil(browser);
    expect(await browser.open("/")).toMatchObject({ status: 200, text: "Hello stranger" });
    expect(site.seen).toEqual(["GET / 303", "GET /auth/continue?to=%2F 303", "GET / 200"]);
    // the known device outlives its sessions
    expect(Object.keys(await browser.cookies())).toEqual(["known_device", "continued"]);
    await browser.drop("continued");
    expect(await browser.open("/")).toMatchObject({ text: "Hello stranger" });
    expect(site.seen).toHaveLength(4);
  });

  it("never sends a browser in circles, even one that keeps sending what was taken away", async () => {
    const stubborn = `auth_token=garbage; session_hint=${"a".repeat(16)}.1.1; refresh_token=garbage`;
    let path = "/";
    let kept = "";
    const way: string[] = [];
    for (let step = 0; step < 10; step += 1) {
      const headers = { ...navigation, cookie: stubborn + kept };
      const answer = await fetch(site.url + path, { headers, redirect: "manual" });
      way.push(`${answer.status} ${path}`);
      if (answer.headers.getSetCookie().some((cookie) => cookie.startsWith("continued=1"))) kept = "; continued=1";
      await answer.text();
      if (answer.status !== 303) break;
      path = answer.headers.get("location") ?? "";
    }
    expect(way).toEqual(["303 /", "303 /auth/continue?to=%2F", "200 /"]);
  });

  it.each([
    ["/search/ash%20lamp?q=a%20b", `Hello ${alice.email}`],
    ["/caf%C3%A9/%E3%80%80", `Hello ${alice.email}`],
    ["/a%2Fb//c", `Hello ${alice.email}`],
    [`/a?q=${"x".repeat(2_000)}`, `Hello ${alice.email}`],
    [`/a?q=${"x".repeat(2_100)}`, "Hello stranger"],
    ["/a?q=b\\c", "Hello stranger"],
    ["/a%2520b", "Hello stranger"],
    ["/100%25", "Hello stranger"],
    ["/a%ff", "Hello stranger"],
    ["/a%0ab", "Hello stranger"],
    ["/a%5Cb", "Hello stranger"],
    ["/%2Fevil.example", "Hello stranger"],
    ["/a%2F..%2Fauth%2Fx", "Hello stranger"],
    ["/%61uth/x", "Hello stranger"],
  ])(
    "is a page under every address, also %s: where auth would send nobody back, nobody is sent",
    async (path, text) => {
      await browser.drop("auth_token");
      const answer = await browser.open(path);
      if (answer.status === 404) {
        expect(site.seen).toEqual([expect.stringContaining(`${path} 404`)]); // the gateway's: no page gets it
        return; // Bun gives a path with empty segments one more in front, see pathRoutes
      }
      expect(answer).toMatchObject({ status: 200, text });
    },
  );

  it("is rendered signed out for a stranger, without a way round", async () => {
    expect(await openBrowser().open("/")).toMatchObject({ status: 200, text: "Hello stranger" });
    expect(site.seen).toEqual(["GET / 200"]);
  });

  it("is not rendered ahead for somebody whose token has gone: the browser asks again when it is time", async () => {
    const before = await browser.cookies();
    await browser.drop("auth_token");
    expect(await browser.open("/", { "sec-purpose": "prefetch" })).toMatchObject({ status: 403 });
    expect((await browser.cookies())["refresh_token"]).toBe(before["refresh_token"]);
    expect(await browser.open("/")).toMatchObject({ text: `Hello ${alice.email}` });
  });

  it("changes nothing for a form of another site, for the gateway sees where it came from", async () => {
    const cookie = `auth_token=${(await browser.cookies())["auth_token"]}`;
    const logOut = async (from: Record<string, string>): Promise<unknown> => {
      const request = new Request(`${site.url}/leave`, { method: "POST", headers: { cookie, ...from } });
      const client = forRequest<Routers>(request, { url: site.platform.origins.gateway });
      return client.auth.logout.mutate().catch((error: unknown) => codeOf(error));
    };
    expect(await logOut({ origin: "https://evil.example", "sec-fetch-site": "cross-site" })).toBe("FORBIDDEN");
    expect(await logOut({ "sec-fetch-site": "cross-site" })).toBe("FORBIDDEN");
    expect(await logOut({ origin: site.url, "sec-fetch-site": "same-origin" })).not.toBe("FORBIDDEN");
  });
});
