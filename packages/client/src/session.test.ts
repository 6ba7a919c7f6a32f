import { beforeEach, describe, expect, it } from "vitest";

import { createPlatform, sessionOver } from "../test/platform.ts";
import { createSession } from "./session.ts";
import { createMemoryTokenStore, type TokenStore } from "./token-store.ts";

const url = "http://gateway.test";
const alice = { email: "alice@example.com", password: "alice-demo-2026" };
const user = { id: "u1", email: alice.email, roles: ["user", "emperor"] };

let platform: ReturnType<typeof createPlatform>;
let tokens: TokenStore;

beforeEach(() => {
  platform = createPlatform();
  tokens = createMemoryTokenStore();
  const bearer = { accessToken: "a1", refreshToken: "r1", tokenType: "Bearer" };
  const answer = async (request: Request): Promise<Response> => {
    const { mode } = Object(await request.json()) as { mode?: unknown }; // what the test's own client sent
    return Response.json({ user, expiresIn: 570, ...(mode === "bearer" ? bearer : {}) });
  };
  Object.assign(platform.rest, { login: answer, register: answer, refresh: answer });
  platform.rest["logout"] = () => new Response(null, { status: 204 });
});

describe("cookie mode", () => {
  it("signs in and out without a token in sight, and lets cookies travel", async () => {
    const session = createSession({ url, fetch: platform.fetch, mode: "cookie" });
    const expected = { user: { id: "u1", email: alice.email, roles: ["user"] }, expiresIn: 570 };
    expect(await session.register(alice)).toEqual(expected);
    expect(await session.login(alice)).toEqual(expected);
    expect(await session.refresh()).toBe(true);
    await session.logout();
    expect(await Promise.all(platform.requests.map((request) => request.json()))).toEqual([
      { ...alice, mode: "cookie" },
      { ...alice, mode: "cookie" },
      { mode: "cookie" },
      { mode: "cookie" },
    ]);
    expect(new Set(platform.cookieUse)).toEqual(new Set(["include"]));
    expect(await session.authorization()).toEqual({});
  });
});

describe("bearer mode", () => {
  it("keeps the tokens in the store, and no cookies travel", async () => {
    const session = createSession({ url, fetch: platform.fetch, mode: "bearer", tokens });
    expect(await session.authorization()).toEqual({});
    expect(await session.login(alice)).not.toHaveProperty("accessToken");
    expect(await tokens.get()).toEqual({ accessToken: "a1", refreshToken: "r1" });
    expect(await session.authorization()).toEqual({ authorization: "Bearer a1" });
    await session.logout();
    expect(await tokens.get()).toBeNull();
    const last = platform.requests.at(-1);
    expect(last?.headers.get("authorization")).toBe("Bearer a1");
    expect(await last?.json()).toEqual({ mode: "bearer", refreshToken: "r1" });
    expect(new Set(platform.cookieUse)).toEqual(new Set(["omit"]));
  });

  it("signs out with an access token that has run out, by renewing it first", async () => {
    await tokens.set({ accessToken: "a0", refreshToken: "r0" });
    platform.rest["logout"] = (request) =>
      request.headers.get("authorization") === "Bearer a1" ? new Response(null, { status: 204 }) : sessionOver();
    await createSession({ url, fetch: platform.fetch, mode: "bearer", tokens }).logout();
    expect(platform.seen).toEqual(["POST /auth/logout", "POST /auth/refresh", "POST /auth/logout"]);
    expect(await tokens.get()).toBeNull();
  });

  it("forgets the tokens even when auth cannot be told", async () => {
    const session = createSession({ url, fetch: platform.fetch, mode: "bearer", tokens });
    await session.login(alice);
    platform.rest["logout"] = () => Promise.reject(new TypeError("fetch failed"));
    await expect(session.logout()).rejects.toMatchObject({ name: "AuthError", status: 0 });
    expect(await tokens.get()).toBeNull();
  });
});

describe("a refused sign-in", () => {
  it.each([
    [
      Response.json({ error: { message: "Wrong e-mail or password." } }, { status: 401 }),
      401,
      "Wrong e-mail or password.",
    ],
    [Response.json({ message: "Too many attempts." }, { status: 429 }), 429, "Too many attempts."],
    [new Response("<html>", { status: 502 }), 502, "Auth answered with something that is no JSON."],
    [Response.json({ hello: "world" }), 502, "Auth answered without a user."],
  ])("says why and with which status (%#)", async (answer, status, message) => {
    platform.rest["login"] = () => answer;
    const session = createSession({ url, fetch: platform.fetch, mode: "cookie" });
    await expect(session.login(alice)).rejects.toMatchObject({ name: "AuthError", status, message });
  });
});
