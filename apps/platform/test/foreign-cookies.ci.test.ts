import { connect } from "node:net";
import { checkByAuthKeys, createCookieVerifier } from "@countersign/gateway/app";
import { serve } from "@countersign/service";
import { createTestIssuer, silentLog } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startGatewayBefore } from "./gateway-before.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const [alice, bob] = demoUsers;

/** As another application on the host, a sibling subdomain or an earlier installation leaves them in a browser. */
const foreign = [
  "garbage",
  "an empty value",
  "quotes",
  "a JWT of others",
  "4,097 bytes",
  "another installation's token",
  "another installation's token under our origin",
] as const;

describe("cookies that others left under our names, by HTTP", () => {
  let platform: Platform;
  /** A gateway without a bus, which has auth's keys alone, and a web app behind it. */
  let plain: Awaited<ReturnType<typeof startGatewayBefore>>;
  let values: Record<(typeof foreign)[number], string>;

  beforeAll(async () => {
    platform = await startTestPlatform();
    const at = { hostname: "127.0.0.1", port: 0, log: silentLog };
    const web = await serve((request) => new Response(`page ${request.headers.get("authorization")}`), at);
    const { origins, url } = platform;
    const keys = checkByAuthKeys({ authOrigin: origins.auth, insecureSharedSecrets: null });
    const cookieVerifier = createCookieVerifier({ issuer: url, ...keys, now: Date.now });
    plain = await startGatewayBefore(platform, { web: web.url, cookieVerifier });
    const other = await createTestIssuer();
    values = {
      garbage: "garbage",
      "an empty value": "",
      quotes: '"quoted, and with a comma"',
      "a JWT of others": "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2lnbmF0dXJl",
      "4,097 bytes": "a".repeat(4_097),
      "another installation's token": await other.userToken({ issuer: "https://other.example" }),
      "another installation's token under our origin": await other.userToken({ issuer: url }),
    };
    return async () => {
      await plain.stop();
      await web.stop();
      await platform.stop();
    };
  }, 120_000);

  const send = async (path: string, { cookie, body, at = platform.url }: Sent) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    const headers = { cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) };
    const answer = await fetch(at + path, { headers, ...(body === undefined ? {} : init) });
    return { status: answer.status, text: await answer.text(), cookies: answer.headers.getSetCookie() };
  };
  type Sent = { readonly cookie: string; readonly body?: object; readonly at?: string };
  const signIn = ({ email, password }: { email: string; password: string }, cookie = "") =>
    send("/auth/login", { cookie, body: { email, password } });
  const both = (value: string) => `auth_token=${value}; refresh_token=${value}`;
  const pairsOf = (cookies: readonly string[]) =>
    cookies.filter((one) => !one.includes("Max-Age=0")).map((one) => one.split(";", 1)[0] ?? "");
  const isRemoved = (cookies: readonly string[], name: string, path: string) =>
    cookies.some((one) => one.startsWith(`${name}=; Max-Age=0; Path=${path};`));

  it.each(foreign)("%s: sign-in, public reads and pages are open, and it is removed", async (name) => {
    const cookie = both(values[name]);
    const { status, cookies } = await signIn(alice, cookie);
    expect([status, pairsOf(cookies).map((pair) => pair.split("=", 1)[0])]).toEqual([
      200,
      ["auth_token", "refresh_token", "session_hint", "known_device"],
    ]);
    const body = { email: bob.email, password: bob.password };
    expect((await send("/trpc/auth/login", { cookie, body })).status).toBe(200);
    for (const at of [platform.url, plain.url]) {
      const read = await send("/trpc/products/list", { cookie, at });
      expect([read.status, isRemoved(read.cookies, "auth_token", "/")]).toEqual([200, true]);
      const mine = await send("/trpc/orders/list", { cookie, at });
      expect([mine.status, isRemoved(mine.cookies, "auth_token", "/")]).toEqual([401, true]);
    }
    const page = await send("/login", { cookie, at: plain.url });
    expect([page.status, page.text, isRemoved(page.cookies, "auth_token", "/")]).toEqual([200, "page null", true]);
    const renewed = await send("/auth/refresh", { cookie, body: {} });
    expect([renewed.status, isRemoved(renewed.cookies, "refresh_token", "/auth")]).toEqual([401, true]);
    expect(isRemoved(renewed.cookies, "refresh_token", "/")).toBe(true);
  });

  it.each(foreign)("%s beside ours, in any order: ours is used, to read, to renew and to sign out", async (name) => {
    const planted = both(values[name]);
    let ours = pairsOf((await signIn(alice)).cookies)
      .slice(0, 2)
      .join("; ");
    for (const order of [0, 1]) {
      const cookie = order === 0 ? `${planted}; ${ours}` : `${ours}; ${planted}`;
      for (const at of [platform.url, plain.url]) {
        expect((await send("/trpc/orders/list", { cookie, at })).status).toBe(200);
      }
      expect((await send("/login", { cookie, at: plain.url })).text).toMatch(/^page Bearer eyJ/);
      const renewed = await send("/auth/refresh", { cookie, body: {} });
      expect([renewed.status, isRemoved(renewed.cookies, "refresh_token", "/auth")]).toEqual([200, false]);
      ours = pairsOf(renewed.cookies).slice(0, 2).join("; ");
    }
    const left = await send("/auth/logout", { cookie: `${planted}; ${ours}`, body: {} });
    expect([left.status, isRemoved(left.cookies, "refresh_token", "/")]).toEqual([200, true]);
    expect((await send("/auth/refresh", { cookie: ours, body: {} })).status).toBe(401);
  });

  it("two people's cookies at once are nobody's, and signing in ends that", async () => {
    const cookies = [...pairsOf((await signIn(alice)).cookies), ...pairsOf((await signIn(bob)).cookies)];
    const cookie = cookies.filter((pair) => !pair.startsWith("session_hint")).join("; ");
    for (const path of ["/trpc/products/list", "/trpc/orders/list"]) {
      const answer = await send(path, { cookie });
      expect([answer.status, isRemoved(answer.cookies, "auth_token", "/")]).toEqual([401, true]);
    }
    expect((await send("/auth/refresh", { cookie, body: {} })).status).toBe(401);
    expect((await send("/login", { cookie, at: plain.url })).text).toBe("page null");
    const again = await signIn(bob, cookie);
    expect(again.status).toBe(200);
    expect((await send("/trpc/orders/list", { cookie: pairsOf(again.cookies).join("; ") })).status).toBe(200);
  });

  it("bytes that are no ASCII shut neither the gateway nor auth's own door", async () => {
    const cookie = Buffer.from("auth_token=\xff\xfe; refresh_token=\xe9\x80", "latin1");
    expect(await rawStatus(platform.origins.gateway, "GET /trpc/products/list", cookie)).toBe(200);
    expect(await rawStatus(platform.origins.gateway, "POST /auth/logout", cookie)).toBe(200);
    expect(await rawStatus(platform.origins.auth, "POST /auth/refresh", cookie)).toBe(401);
  });
});

/** The status of an answer to a request whose Cookie header holds these bytes. */
function rawStatus(origin: string, line: string, cookie: Buffer): Promise<number> {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", reject);
    socket.on("data", (data) => {
      socket.destroy();
      resolve(Number(data.toString("latin1").split(" ", 2)[1]));
    });
    const head = `${line} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\nCookie: `;
    socket.write(Buffer.concat([Buffer.from(head), cookie, Buffer.from("\r\n\r\n")]));
  });
}
