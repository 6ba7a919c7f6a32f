import type { TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { beforeEach, describe, expect, it } from "vitest";

import { createBrowser, settle } from "../test/browser.ts";
import { createPlatform, type Routers } from "../test/platform.ts";
import { toEventFetch } from "./event-fetch.ts";
import type { Fetch } from "./fetch.ts";
import { createPlatformClient, type PlatformClient } from "./platform-client.ts";
import type { Timers } from "./timers.ts";
import { createMemoryTokenStore, type TokenStore } from "./token-store.ts";

const url = "http://gateway.test";
const user = { id: "u1", email: "alice@example.com", roles: ["user"] };

const granted = { user, accessToken: "a2", refreshToken: "r2", tokenType: "Bearer", expiresIn: 600 };

let platform: ReturnType<typeof createPlatform>;
let tokens: TokenStore;
let client: PlatformClient<Routers>;

beforeEach(() => {
  platform = createPlatform();
  tokens = createMemoryTokenStore({ accessToken: "a1", refreshToken: "r1" });
  platform.rest["refresh"] = () => Response.json(granted);
  client = clientOver(platform.fetch);
});

function clientOver(fetch: Fetch): PlatformClient<Routers> {
  return createPlatformClient<Routers>({ url, fetch, mode: "bearer", tokens });
}

type Watched = { items: unknown[]; states: string[]; error: TRPCClientError<AnyTRPCRouter> | null };

/** Watches to the end, or until `enough` items. */
async function watch(from: PlatformClient<Routers>, enough = Number.POSITIVE_INFINITY): Promise<Watched> {
  const seen: Watched = { items: [], states: [], error: null };
  await new Promise<void>((resolve) => {
    const subscription = from.orders.watch.subscribe(
      {},
      {
        onData: ({ id, data }) => {
          seen.items.push([id, data.lastEventId]);
          if (seen.items.length >= enough) subscription.unsubscribe();
        },
        onConnectionStateChange: ({ error }) => void seen.states.push(`${error?.data?.path} ${error?.data?.code}`),
        onError: (error) => {
          seen.error = error;
          resolve();
        },
        onComplete: resolve,
      },
    );
  });
  return seen;
}

/** Breaks the first stream off in its third item, as a gateway does that goes away. */
function breaking(fetch: Fetch): Fetch {
  let broken = false;
  return async (input, init) => {
    const response = await fetch(input, init);
    if (broken || response.body === null || !response.headers.get("content-type")?.includes("event-stream"))
      return response;
    broken = true;
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(chunk);
          if (new TextDecoder().decode(chunk).includes("id: 3")) controller.terminate();
        },
      }),
    );
    return new Response(body, { headers: { "content-type": "text/event-stream", retry: "0" } });
  };
}

/** The refusal of a stream as the platform's services answer it: a status, and the error as JSON. */
function refusing(status: number, code: string, fetch: Fetch): { fetch: Fetch; refused: () => number } {
  let refused = 0;
  return {
    refused: () => refused,
    fetch: (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname !== "/trpc/orders/watch" || refused > 0) return fetch(input, init);
      refused += 1;
      const error = { code: -32001, message: "Not now.", data: { code, httpStatus: status, path: "watch" } };
      return Promise.resolve(Response.json({ error: status === 503 ? { ...error, code: -32603 } : error }, { status }));
    },
  };
}

const authorizations = (): (string | null)[] =>
  platform.requests
    .filter(({ url: asked }) => asked.includes("watch"))
    .map(({ headers }) => headers.get("authorization"));
const refreshes = (): number => platform.seen.filter((line) => line === "POST /auth/refresh").length;

describe("a subscription", () => {
  it("goes to its service with the token, and ends when the service ends it", async () => {
    const { items, error } = await watch(client);
    expect(items).toEqual([
      ["1", null],
      ["2", null],
      ["3", null],
    ]);
    expect(error).toBeNull();
    expect(platform.seen).toEqual(["GET /trpc/orders/watch"]);
    expect(authorizations()).toEqual(["Bearer a1"]);
    expect(platform.requests[0]?.url).not.toContain("a1");
  });

  it("that is broken off resumes after its last item, with the token of then", async () => {
    const own = clientOver(breaking(platform.fetch));
    const watching = watch(own);
    await expect.poll(() => platform.seen).toHaveLength(1);
    await tokens.set({ accessToken: "a2", refreshToken: "r2" });
    platform.proof = "Bearer a2";
    expect((await watching).items).toEqual([
      ["1", null],
      ["2", null],
      ["3", "2"],
    ]);
    expect(authorizations()).toEqual(["Bearer a1", "Bearer a2"]);
  });

  it("that is left ends at the service too", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    platform.watching = (at, signal) => {
      if (at < 2) return "item";
      signal?.addEventListener("abort", () => resolve(), { once: true });
      return promise.then(() => "end");
    };
    expect((await watch(client, 1)).items).toHaveLength(1);
    await promise;
  });

  it.each([
    ["a stock service", false],
    ["a service of the platform", true],
  ])("that %s refuses with UNAUTHORIZED renews the session once and goes on", async (_name, asJson) => {
    platform.proof = "Bearer a2";
    const { fetch } = refusing(401, "UNAUTHORIZED", platform.fetch);
    const { items, error } = await watch(clientOver(asJson ? fetch : platform.fetch));
    expect([items.length, error, refreshes()]).toEqual([3, null, 1]);
    expect(authorizations().at(-1)).toBe("Bearer a2");
  });

  it("whose token ends under way renews the session and resumes after the last item", async () => {
    platform.watching = (at) => {
      if (at > 3) return "end";
      return at === 3 && platform.proof === "Bearer a1" ? ((platform.proof = "Bearer a2"), "refuse") : "item";
    };
    expect((await watch(client)).items).toEqual([
      ["1", null],
      ["2", null],
      ["3", "2"],
    ]);
    expect(refreshes()).toBe(1);
  });

  it("whose token ends while auth is down waits for it, longer each time, and resumes", async () => {
    const browser = createBrowser();
    const waits: number[] = [];
    const timers: Timers = {
      after: (ms, work) => {
        waits.push(ms);
        return browser.timers.after(ms, work);
      },
    };
    let asked = 0;
    platform.rest["refresh"] = () => {
      asked += 1;
      if (asked < 4) return new Response("", { status: 503 });
      platform.proof = "Bearer a2";
      return Response.json(granted);
    };
    platform.watching = (at) => {
      if (at > 3) return "end";
      return at === 3 && platform.proof === "Bearer a1" ? "refuse" : "item";
    };
    const surroundings = { now: browser.now, timers };
    const own = createPlatformClient<Routers>({ url, fetch: platform.fetch, mode: "bearer", tokens, surroundings });
    const watching = watch(own);
    for (let second = 0; second < 30; second += 1) {
      await settle();
      await browser.advance(1);
    }
    const { items, states, error } = await watching;
    expect(items).toEqual([
      ["1", null],
      ["2", null],
      ["3", "2"],
    ]);
    const pauses = waits.filter((ms) => ms !== 4_000); // a refresh is not waited for longer
    expect([pauses, error, states.includes("orders.watch SERVICE_UNAVAILABLE")]).toEqual([
      [3_000, 6_000, 12_000],
      null,
      true,
    ]);
  });

  it("that goes on being refused is refused for good, with its full path", async () => {
    platform.proof = "Bearer none";
    const { error } = await watch(client);
    expect(error).toMatchObject({ data: { code: "UNAUTHORIZED", path: "orders.watch" } });
    expect(refreshes()).toBe(1);
  });

  it("that the service may not give ends with the service's own words", async () => {
    const { fetch, refused } = refusing(403, "FORBIDDEN", platform.fetch);
    const { error } = await watch(clientOver(fetch));
    expect(error).toMatchObject({ message: "Not now.", data: { code: "FORBIDDEN", path: "orders.watch" } });
    expect([refused(), refreshes()]).toEqual([1, 0]);
  });

  it.each([
    [503, "SERVICE_UNAVAILABLE"],
    [429, "TOO_MANY_REQUESTS"],
  ])("that cannot be had right now (%i) is asked for again, and says why meanwhile", async (status, code) => {
    const { fetch } = refusing(status, code, platform.fetch);
    const { items, states, error } = await watch(clientOver(fetch));
    expect([items.length, error]).toEqual([3, null]);
    expect(states).toContain(`orders.watch ${code}`);
  });

  it("is not asked for again before the platform wants it, nor waited for when nobody listens any more", async () => {
    const error = { code: -32029, message: "Wait.", data: { code: "TOO_MANY_REQUESTS" } };
    const tooMany: Fetch = () =>
      Promise.resolve(Response.json({ error }, { status: 429, headers: { "retry-after": "30" } }));
    const connect = toEventFetch({ fetch: tooMany, headers: () => ({}), credentials: "omit" });
    const abort = new AbortController();
    const headers = { Accept: "text/event-stream" } as const;
    const init = { signal: abort.signal, headers, mode: "cors", cache: "no-store", redirect: "follow" } as const;
    const { body } = await connect(`${url}/trpc/orders/watch`, init);
    if (!(body instanceof ReadableStream)) throw new Error("It is a stream.");
    const reader = body.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("TOO_MANY_REQUESTS");
    const end = reader.read();
    await settle();
    expect(await Promise.race([end, Promise.resolve("open")])).toBe("open");
    abort.abort();
    expect(await end).toMatchObject({ done: true });
  });
});

describe("an output that is a stream", () => {
  it("arrives item by item when the call asks for it", async () => {
    const items: string[] = [];
    const context = { stream: true };
    for await (const item of await client.products.export.query(undefined, { context })) items.push(item);
    expect(items).toEqual(["p1", "p2"]);
    expect(platform.seen).toEqual(["GET /trpc/products/export"]);
  });

  it("keeps errors with their full path, and renews the session", async () => {
    const context = { stream: true };
    const failed = client.products.get.query({ id: "x" }, { context });
    await expect(failed).rejects.toMatchObject({ data: { code: "NOT_FOUND", path: "products.get" } });
    platform.proof = "Bearer a2";
    expect(await client.orders.mine.query(undefined, { context })).toEqual(["o1"]);
    expect(refreshes()).toBe(1);
  });

  it("names its service in errors that come while it is read, wherever in it they come", async () => {
    const { title, good, bad, rows } = await client.products.report.query(undefined, { context: { stream: true } });
    expect([title, await good]).toEqual(["Products", "p1"]);
    await expect(bad).rejects.toMatchObject({ data: { code: "CONFLICT", path: "products.report" } });
    const read: string[] = [];
    const reading = (async () => {
      for await (const row of rows) read.push(row);
    })();
    await expect(reading).rejects.toMatchObject({ data: { code: "TIMEOUT", path: "products.report" } });
    expect(read).toEqual(["r1"]);
  });
});
