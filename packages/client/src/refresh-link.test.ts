import { getUntypedClient } from "@trpc/client";
import { beforeEach, describe, expect, it } from "vitest";

import { createPlatform, type Routers, sessionOver } from "../test/platform.ts";
import type { Fetch } from "./fetch.ts";
import { createPlatformClient, type PlatformClient } from "./platform-client.ts";
import { createSession, type Session } from "./session.ts";
import type { SessionMode } from "./session-options.ts";
import { createMemoryTokenStore, type TokenStore } from "./token-store.ts";

const url = "http://gateway.test";
const user = { id: "u1", email: "alice@example.com", roles: ["user"] };

let platform: ReturnType<typeof createPlatform>;
let tokens: TokenStore;
let signedOut: number;
let session: Session;
let client: PlatformClient<Routers>;

beforeEach(() => {
  platform = createPlatform();
  platform.proof = "Bearer a2";
  platform.rest["refresh"] = () => granted("a2", "r2");
  tokens = createMemoryTokenStore({ accessToken: "a1", refreshToken: "r1" });
  open({ mode: "bearer", tokens });
});

function open(mode: SessionMode): void {
  signedOut = 0;
  const { fetch } = platform;
  const onSignedOut = (): void => {
    signedOut += 1;
  };
  session = createSession({ ...mode, url, fetch, onSignedOut });
  client = createPlatformClient<Routers>({ url, fetch, session });
}

function granted(accessToken: string, refreshToken: string): Response {
  return Response.json({ user, accessToken, refreshToken, tokenType: "Bearer", expiresIn: 600 });
}

function refreshes(): number {
  return platform.seen.filter((line) => line === "POST /auth/refresh").length;
}

describe("a call that is refused with UNAUTHORIZED", () => {
  it("renews the session, unnoticed, and is sent once more", async () => {
    expect(await client.orders.mine.query()).toEqual(["o1"]);
    expect(await tokens.get()).toEqual({ accessToken: "a2", refreshToken: "r2" });
    expect(platform.seen).toEqual(["GET /trpc/orders/mine", "POST /auth/refresh", "GET /trpc/orders/mine"]);
    const sent: unknown = await platform.requests[1]?.json();
    expect(sent).toEqual({ mode: "bearer", refreshToken: "r1" });
    expect(signedOut).toBe(0);
  });

  it("shares one renewal with all others, across services and batches", async () => {
    const placed = Array.from({ length: 10 }, (_, at) => client.orders.place.mutate({ productId: `p${at}` }));
    const all = await Promise.all([...placed, client.orders.mine.query(), client.auth.me.query()]);
    expect(all).toHaveLength(12);
    expect(refreshes()).toBe(1);
    expect(platform.placed).toHaveLength(10);
  });

  it("that was sent before a renewal ended takes its outcome, without another one", async () => {
    const mark = session.renewals.mark();
    expect(await session.refresh()).toBe(true);
    expect(await session.renewals.since(mark)).toBe(true);
    expect(refreshes()).toBe(1);
  });

  it("twice is refused for good", async () => {
    platform.proof = "Bearer none";
    await expect(client.orders.mine.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(refreshes()).toBe(1);
    expect(signedOut).toBe(0);
  });

  it("other than UNAUTHORIZED renews nothing", async () => {
    await expect(client.products.get.query({ id: "x" })).rejects.toMatchObject({ data: { code: "NOT_FOUND" } });
    expect(refreshes()).toBe(0);
  });

  it("by signing in with a wrong password renews nothing", async () => {
    const wrong = client.auth.login.mutate({ email: "alice@example.com", password: "wrong" });
    await expect(wrong).rejects.toMatchObject({ data: { code: "UNAUTHORIZED", path: "auth.login" } });
    expect(refreshes()).toBe(0);
  });

  it("without a session renews nothing", async () => {
    await tokens.set(null);
    await expect(client.orders.mine.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(refreshes()).toBe(0);
    expect(signedOut).toBe(0);
  });
});

describe("a service that no user's token is meant for", () => {
  it("refuses, and no session is renewed for it", async () => {
    const error = { code: -32001, message: "Not for you.", data: { code: "UNAUTHORIZED", path: "levels" } };
    platform.rest["refresh"] = () => Promise.reject(new Error("must not be asked"));
    const refusing: Fetch = () => Promise.resolve(Response.json({ error }, { status: 401 }));
    const own = createPlatformClient<Routers>({ url, fetch: refusing, session });
    const refused = getUntypedClient(own).query("inventory.levels");
    await expect(refused).rejects.toMatchObject({ data: { code: "UNAUTHORIZED", path: "inventory.levels" } });
    expect(refreshes()).toBe(0);
  });
});

describe("a call that is aborted", () => {
  const aborted = { cause: { name: "AbortError" } };

  it("while the session is renewed fails at once, and is not sent again", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    platform.rest["refresh"] = () => promise;
    const abort = new AbortController();
    const call = client.orders.place.mutate({ productId: "p1" }, { signal: abort.signal });
    await expect.poll(refreshes, { interval: 1 }).toBe(1);
    abort.abort();
    await expect(call).rejects.toMatchObject(aborted);
    resolve(granted("a2", "r2"));
    expect(await client.orders.mine.query()).toEqual(["o1"]);
    expect(platform.placed).toEqual([]);
  });

  it("in a batch fails at once, and the others do not", async () => {
    platform.proof = "Bearer a1";
    const { promise, resolve } = Promise.withResolvers<void>();
    platform.gate = promise;
    const abort = new AbortController();
    const [one, other] = [client.orders.mine.query(undefined, { signal: abort.signal }), client.orders.mine.query()];
    await expect.poll(() => platform.seen, { interval: 1 }).toEqual(["GET /trpc/orders/mine,mine"]);
    abort.abort();
    await expect(one).rejects.toMatchObject(aborted);
    resolve();
    expect(await other).toEqual(["o1"]);
  });
});

describe("a refused renewal", () => {
  beforeEach(() => {
    platform.rest["refresh"] = sessionOver;
  });

  it("clears the store, says so once, and lets every refusal stand", async () => {
    const calls = [client.orders.mine.query(), client.auth.me.query(), client.orders.place.mutate({ productId: "p1" })];
    const failed = await Promise.allSettled(calls);
    expect(failed).toMatchObject(calls.map(() => ({ status: "rejected", reason: { data: { code: "UNAUTHORIZED" } } })));
    expect(refreshes()).toBe(1);
    expect(await tokens.get()).toBeNull();
    await expect(client.orders.mine.query()).rejects.toThrow("Sign in.");
    expect(signedOut).toBe(1);
  });

  it("is told once in cookie mode too, until somebody signs in again", async () => {
    open({ mode: "cookie" });
    await expect(client.orders.mine.query()).rejects.toThrow("Sign in.");
    await expect(client.orders.mine.query()).rejects.toThrow("Sign in.");
    expect(signedOut).toBe(1);
    await client.auth.login.mutate({ email: "alice@example.com", password: "right" });
    await expect(client.orders.mine.query()).rejects.toThrow("Sign in.");
    expect(signedOut).toBe(2);
  });
});

describe("a renewal that cannot be had", () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ["no JSON of a proxy, with 401", () => new Response("<html>", { status: 401 })],
    ["somebody else's 401", () => Response.json({ message: "Unauthorized" }, { status: 401 })],
    ["a 400 on the way", () => new Response("<html>", { status: 400 })],
    ["auth cannot decide", () => new Response("", { status: 503 })],
    ["too many", () => Response.json({ error: { message: "Wait." } }, { status: 429 })],
    ["no JSON", () => new Response("<html>")],
    ["no tokens", () => Response.json({ user, expiresIn: 600 })],
  ])("%s: SERVICE_UNAVAILABLE, nobody is signed out, the next call tries again", async (_name, answer) => {
    platform.rest["refresh"] = answer;
    const failed = await Promise.allSettled([client.orders.mine.query(), client.auth.me.query()]);
    expect(failed).toMatchObject([
      { reason: { data: { code: "SERVICE_UNAVAILABLE", path: "orders.mine" }, cause: { name: "AuthError" } } },
      { reason: { data: { code: "SERVICE_UNAVAILABLE", path: "auth.me" } } },
    ]);
    expect([signedOut, refreshes()]).toEqual([0, 1]);
    platform.rest["refresh"] = () => granted("a2", "r2");
    expect(await client.orders.mine.query()).toEqual(["o1"]);
  });
});

describe("signing in or out meanwhile", () => {
  /** A call of the one who left that is held back while another one signs in; `refuse` lets its refusal arrive. */
  async function heldBack() {
    platform.rest["login"] = () => granted("a2", "r2");
    const { promise, resolve: refuse } = Promise.withResolvers<void>();
    platform.gate = promise;
    const stale = client.orders.place.mutate({ productId: "of-the-other" });
    await expect.poll(() => platform.seen, { interval: 1 }).toEqual(["POST /trpc/orders/place"]);
    await session.login({ email: "bob@example.com", password: "right" });
    return { stale, refuse };
  }

  it("a call of the one who left is not sent again as the one who came", async () => {
    const { stale, refuse } = await heldBack();
    refuse();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(refreshes()).toBe(0);
    expect(platform.placed).toEqual([]);
  });

  it("nor when the one who came has renewed the session since", async () => {
    const { stale, refuse } = await heldBack();
    expect(await session.refresh()).toBe(true);
    refuse();
    await expect(stale).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(platform.placed).toEqual([]);
  });

  it("a renewal under way does not bring back who signed out", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    platform.rest["refresh"] = () => promise;
    platform.rest["logout"] = () => new Response(null, { status: 204 });
    const renewing = session.refresh();
    await session.logout();
    resolve(granted("a2", "r2"));
    expect(await renewing).toBe(false);
    expect(await tokens.get()).toBeNull();
    expect(signedOut).toBe(0);
  });
});
