import type { ServiceName } from "@countersign/access";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { createInventory } from "../../test/inventory.ts";
import type { Fetch } from "../fetch.ts";
import { ServiceCallError } from "./call-error.ts";
import { createServiceCalls, type ServiceCalls } from "./calls.ts";
import type { Exchange } from "./exchanged-tokens.ts";
import type { ServiceCall } from "./service-call.ts";
import { ServiceTokenError } from "./token-error.ts";
import type { ServiceTokens } from "./tokens.ts";

const origins = { auth: "http://auth.test", products: "http://products.test", inventory: "http://inventory.test" };
const now = Date.now;
const about = { callee: "inventory", requestId: "r-1" } as const;
const unavailable = {
  code: "SERVICE_UNAVAILABLE",
  message: expect.stringContaining("inventory") as unknown,
  callee: "inventory",
}; // vitest types its matchers as any

/** The user's token with the callee's name, as it was granted last. */
const exchanged = {
  tokenFor: async ({ callee, subject }: Exchange) => `${subject.token}@${callee}-${exchanges}`,
  drop: () => void (exchanges += 1),
};
const subject = { token: "alice", tokenId: "j", userId: "u", sessionId: "s", expiresAt: 4_000_000_000 };

let exchanges: number;
let valid: string;
let granted: string[];
let inventory: ReturnType<typeof createInventory>;
let tokens: ServiceTokens;
let call: ServiceCalls;

beforeEach(() => {
  exchanges = 1;
  valid = "t1";
  granted = ["t1", "t2"];
  inventory = createInventory((token) => token === valid);
  tokens = {
    tokenFor: async () => granted[0] ?? "none",
    drop: () => void granted.shift(),
  };
  call = callsOver(inventory.fetch);
});

function callsOver(fetch: Fetch, limitMs = 5_000): ServiceCalls {
  return createServiceCalls({ caller: "orders", origins, tokens, exchanged, fetch, now, limitMs });
}

function failing(over: ServiceCalls, extra: Partial<ServiceCall> = {}): Promise<unknown> {
  return over({ ...about, path: "reserve", input: { quantity: 1 }, ...extra });
}

describe("a call", () => {
  it("reaches mutations and queries alike, by POST, and gives the output", async () => {
    expect(await call({ ...about, path: "reserve", input: { quantity: 2 } })).toEqual({ held: 2 });
    expect(await call({ ...about, path: "stock.level", input: "apple" })).toBe("apple: 7");
    expect(inventory.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST http://inventory.test/trpc/reserve",
      "POST http://inventory.test/trpc/stock.level",
    ]);
  });

  it("needs no input where the procedure needs none", async () => {
    expect(await call({ ...about, path: "list", input: undefined })).toBe(2);
    expect(await call({ ...about, path: "list", input: { limit: 7 } })).toBe(7);
    expect(await call({ ...about, path: "forget", input: undefined })).toBe("forgotten");
    const missing = call({ ...about, path: "reserve", input: undefined });
    await expect(missing).rejects.toMatchObject({ code: "BAD_REQUEST", callee: "inventory" });
  });

  it("carries the token, the request id, the trace and the time that is left", async () => {
    await call({
      ...about,
      path: "stock.level",
      input: "a",
      trace: { traceparent: "00-1-2-01", tracestate: "a=1" },
      deadline: now() + 900,
    });
    const headers = inventory.requests[0]?.headers;
    expect(headers?.get("authorization")).toBe("Bearer t1");
    expect(headers?.get("x-request-id")).toBe("r-1");
    expect(headers?.get("traceparent")).toBe("00-1-2-01");
    expect(headers?.get("tracestate")).toBe("a=1");
    const left = Number(headers?.get("x-request-timeout-ms"));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(900);
    expect(inventory.requests[0]?.redirect).toBe("error");
  });
});

describe("a token that the callee refuses", () => {
  it("is replaced, and the call made once more", async () => {
    valid = "t2";
    expect(await call({ ...about, path: "reserve", input: { quantity: 2 } })).toEqual({ held: 2 });
    expect(inventory.requests).toHaveLength(2);
  });

  it("never becomes the user's 401: twice refused is a callee that is not available", async () => {
    valid = "t9";
    await expect(failing(call)).rejects.toMatchObject(unavailable);
    expect(inventory.requests).toHaveLength(2);
  });

  it("is not sent again when there is no other", async () => {
    valid = "t9";
    granted = ["t1", "t1"];
    await expect(failing(call)).rejects.toMatchObject(unavailable);
    expect(inventory.requests).toHaveLength(1);
  });
});

describe("a call for a user", () => {
  it("goes out with the user's token, exchanged for the callee, and never with the caller's own", async () => {
    valid = "alice@inventory-1";
    expect(await call({ ...about, path: "reserve", input: { quantity: 2 }, subject })).toEqual({ held: 2 });
    expect(inventory.requests).toHaveLength(1);
  });

  it("exchanges once more when the callee refuses what came of it", async () => {
    valid = "alice@inventory-2";
    expect(await call({ ...about, path: "reserve", input: { quantity: 2 }, subject })).toEqual({ held: 2 });
    expect(inventory.requests).toHaveLength(2);
  });

  it("is SERVICE_UNAVAILABLE when the user's token is refused, with the reason kept; nothing is sent", async () => {
    const cause = new ServiceTokenError("refused", "No token for inventory.");
    const refusing = { ...exchanged, tokenFor: () => Promise.reject(cause) };
    const deps = { tokens, exchanged: refusing, fetch: inventory.fetch, now };
    const calls = createServiceCalls({ caller: "orders", origins, ...deps });
    await expect(failing(calls, { subject })).rejects.toMatchObject({ ...unavailable, cause });
    expect(inventory.requests).toHaveLength(0);
  });

  it("is the user's own UNAUTHORIZED when auth exchanges the token no more; nothing is sent", async () => {
    const cause = new ServiceTokenError("refused", "No token for inventory.", { refused: "subject" });
    const refusing = { ...exchanged, tokenFor: () => Promise.reject(cause) };
    const calls = createServiceCalls({
      caller: "orders",
      origins,
      tokens,
      exchanged: refusing,
      fetch: inventory.fetch,
      now,
    });
    const message = "The access token is invalid or has ended; sign in again.";
    await expect(failing(calls, { subject })).rejects.toMatchObject({ code: "UNAUTHORIZED", message, cause });
    expect(inventory.requests).toHaveLength(0);
  });

  it("is FORBIDDEN when the callee says that the user may not, which of the caller itself would be our mistake", async () => {
    valid = "alice@inventory-1";
    const refused = failing(call, { path: "refuse", input: "FORBIDDEN", subject });
    await expect(refused).rejects.toMatchObject({ code: "FORBIDDEN", message: "Said by inventory." });
  });
});

describe("a callee's answer", () => {
  it.each(["BAD_REQUEST", "NOT_FOUND", "CONFLICT", "PAYLOAD_TOO_LARGE", "TOO_MANY_REQUESTS"] as const)(
    "%s keeps its code and message",
    async (code) => {
      const refused = failing(call, { path: "refuse", input: code });
      await expect(refused).rejects.toMatchObject({ code, message: "Said by inventory.", callee: "inventory" });
      expect(inventory.requests).toHaveLength(1);
    },
  );

  it("of TOO_MANY_REQUESTS keeps its Retry-After", async () => {
    const refused = failing(call, { path: "refuse", input: "TOO_MANY_REQUESTS" });
    await expect(refused).rejects.toMatchObject({ retryAfterSeconds: 7 });
  });

  it.each(["FORBIDDEN", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "METHOD_NOT_SUPPORTED"] as const)(
    "%s becomes SERVICE_UNAVAILABLE and names the callee, not its words",
    async (code) => {
      const refused = failing(call, { path: "refuse", input: code });
      await expect(refused).rejects.toMatchObject(unavailable);
      await expect(refused).rejects.not.toThrow(/Said by/);
    },
  );

  it("about a procedure that it does not have is not NOT_FOUND", async () => {
    await expect(failing(call, { path: "reserv" })).rejects.toMatchObject(unavailable);
  });
});

describe("a callee that cannot be had", () => {
  it.each<[string, Fetch]>([
    ["no connection", () => Promise.reject(new TypeError("fetch failed"))],
    ["no JSON", async () => new Response("<html>bad gateway</html>", { status: 502 })],
    ["JSON of another shape", async () => Response.json({ hello: "world" })],
    ["a 401 that is not tRPC's", async () => new Response("", { status: 401 })],
  ])("%s: SERVICE_UNAVAILABLE with the cause kept, to be tried again soon", async (_name, fetch) => {
    const error: unknown = await failing(callsOver(fetch)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceCallError);
    const cause = expect.any(Error) as unknown; // vitest types it as any
    expect(error).toMatchObject({ ...unavailable, cause, retryAfterSeconds: 1 });
  });

  it("is given up at the limit, even by a fetch that does not listen", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const deaf: Fetch = (_input, init) => {
      signals.push(init?.signal);
      return new Promise<Response>(() => undefined);
    };
    const cause = { name: "TimeLimitError", message: expect.stringMatching(/^no answer within \d+ ms$/) as string };
    await expect(failing(callsOver(deaf, 30))).rejects.toMatchObject({ ...unavailable, cause });
    expect(signals[0]?.aborted).toBe(true);
  });

  it("is not called at all after the deadline", async () => {
    await expect(failing(call, { deadline: now() - 1 })).rejects.toMatchObject(unavailable);
    expect(inventory.requests).toHaveLength(0);
  });

  it("is not called without a token, and it is auth that is named", async () => {
    const cause = new ServiceTokenError("unreachable", "No token for inventory.");
    tokens.tokenFor = () => Promise.reject(cause);
    const message = "The service auth is not available right now; try again.";
    await expect(failing(call)).rejects.toMatchObject({ ...unavailable, message, cause });
    expect(inventory.requests).toHaveLength(0);
  });

  it("is not called by a caller whose own credential is refused, and it is the caller that is named", async () => {
    const cause = new ServiceTokenError("refused", "No token for inventory.", { refused: "credential" });
    tokens.tokenFor = () => Promise.reject(cause);
    const message = "The service orders cannot act right now: auth refuses its credential.";
    await expect(failing(call)).rejects.toMatchObject({ ...unavailable, message, cause });
  });
});

describe("cancellation", () => {
  it("ends the call at once and the request with it", async () => {
    const caller = new AbortController();
    const pending = failing(call, { path: "hang", input: undefined, signal: caller.signal });
    await vi.waitFor(() => expect(inventory.requests).toHaveLength(1));
    caller.abort();
    await expect(pending).rejects.toMatchObject({ code: "CLIENT_CLOSED_REQUEST", callee: "inventory" });
    expect(inventory.requests[0]?.signal.aborted).toBe(true);
  });

  it("before the call sends nothing", async () => {
    const cancelled = failing(call, { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "CLIENT_CLOSED_REQUEST" });
    expect(inventory.requests).toHaveLength(0);
  });
});

describe("the policy in access", () => {
  it("is held at run time as well", async () => {
    const deps = { tokens, exchanged, fetch, now };
    const calls = createServiceCalls({ caller: "inventory", origins: { auth: origins.auth }, ...deps });
    await expect(failing(calls, { callee: "products" })).rejects.toThrow(/inventory may not call products/);
  });

  it("says at construction which origin is missing or wrong", () => {
    const missing: { [Callee in ServiceName]?: string } = { ...origins, products: "localhost:4002" };
    const make = (): ServiceCalls =>
      createServiceCalls({ caller: "orders", origins: { ...origins, ...missing }, tokens, exchanged, fetch, now });
    expect(make).toThrow(/orders calls products/);
  });
});
