import { TRPCError } from "@trpc/server";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { createFlaky, type Flaky } from "../../test/flaky.ts";
import { createServiceCalls, type ServiceCalls } from "./calls.ts";
import { CircuitOpenError } from "./circuits.ts";
import type { ServiceCall } from "./service-call.ts";

const now = Date.now;
const origins = { auth: "http://auth.test", products: "http://products.test", inventory: "http://inventory.test" };
const about = { callee: "inventory", requestId: "r-1", input: {} } as const;
const unavailable = { code: "SERVICE_UNAVAILABLE", callee: "inventory" };
const refusedConnection = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) });
};
const lostConnection = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("read"), { code: "ECONNRESET" }) });
};
const busy = () => {
  throw new TRPCError({ code: "SERVICE_UNAVAILABLE" });
};

let callee: Flaky;
let call: ServiceCalls;

beforeEach(() => {
  callee = createFlaky();
  call = callsOver();
});

function callsOver(limitMs = 5_000): ServiceCalls {
  const tokens = { tokenFor: async () => "t", drop: () => undefined };
  const deps = { tokens, exchanged: tokens, fetch: callee.fetch, now, limitMs, random: () => 0 };
  return createServiceCalls({ caller: "orders", origins, ...deps });
}

const read = (extra: Partial<ServiceCall> = {}) => call({ ...about, path: "read", ...extra });
const write = (extra: Partial<ServiceCall> = {}) => call({ ...about, path: "write", ...extra });

describe("a call that fails", () => {
  it.each([lostConnection, busy])(
    "is repeated when it is a query, as the callee's first answer said: %o",
    async (fails) => {
      await read();
      callee.next(fails, fails);
      expect(await read()).toBe("read");
      expect(callee.calls).toEqual(["read", "read", "read", "read"]);
    },
  );

  it("is repeated twice and no more", async () => {
    await read();
    callee.next(busy, busy, busy);
    await expect(read()).rejects.toMatchObject(unavailable);
    expect(callee.calls).toHaveLength(4);
  });

  it.each([lostConnection, busy])("is not repeated when it is a mutation: it may have been done: %o", async (fails) => {
    await write();
    callee.next(fails);
    await expect(write()).rejects.toMatchObject(unavailable);
    expect(callee.calls).toEqual(["write", "write"]);
  });

  it("is not repeated either while nobody knows what it is", async () => {
    callee.next(lostConnection);
    await expect(read()).rejects.toMatchObject(unavailable);
    expect(callee.calls).toHaveLength(1);
  });

  it("is known for a query by an answer that is an error as well", async () => {
    callee.next(busy);
    await expect(read({ path: "read" })).resolves.toBe("read");
  });

  it("is repeated when the mutation carries an idempotency key", async () => {
    callee.next(lostConnection, busy);
    expect(await write({ input: { idempotencyKey: "k" } })).toBe("write");
    callee.next(lostConnection);
    await expect(write({ input: { idempotencyKey: 1 } })).rejects.toMatchObject(unavailable);
    await expect(write({ input: { idempotencyKey: "" } })).resolves.toBe("write");
  });

  it("is repeated, whatever it is, when it was certainly not sent", async () => {
    callee.next(refusedConnection, refusedConnection);
    expect(await write()).toBe("write");
    expect(callee.calls).toHaveLength(3);
  });

  it.each(["BAD_REQUEST", "NOT_FOUND", "TOO_MANY_REQUESTS", "INTERNAL_SERVER_ERROR"] as const)(
    "with the answer %s is not repeated",
    async (code) => {
      await read();
      callee.next(() => {
        throw new TRPCError({ code });
      });
      await expect(read()).rejects.toBeInstanceOf(TRPCError);
      expect(callee.calls).toHaveLength(2);
    },
  );

  it("is repeated no sooner than the callee asks, and not at all when that is too late for the caller", async () => {
    await read();
    callee.retryAfter = "1";
    callee.next(busy, busy);
    await expect(read({ deadline: now() + 900 })).rejects.toMatchObject({ ...unavailable, retryAfterSeconds: 1 });
    expect(callee.calls).toHaveLength(2);
    const startedAt = now();
    expect(await read()).toBe("read");
    expect(now() - startedAt).toBeGreaterThanOrEqual(990);
  });
});

describe("the wait for a repeat", () => {
  it("ends with the caller", async () => {
    await read();
    callee.retryAfter = "2";
    callee.next(busy);
    const caller = new AbortController();
    const pending = read({ signal: caller.signal });
    await vi.waitFor(() => expect(callee.calls).toHaveLength(2));
    caller.abort();
    await expect(pending).rejects.toMatchObject({ code: "CLIENT_CLOSED_REQUEST" });
    expect(callee.calls).toHaveLength(2);
  });
});

describe("a repeat", () => {
  it("says so, and what is called because of it is not repeated", async () => {
    await read();
    callee.next(busy);
    await read();
    expect(callee.headers.map((headers) => headers.get("x-request-repeat"))).toEqual([null, null, "1"]);
    callee.next(busy);
    await expect(read({ isRepeat: true })).rejects.toMatchObject(unavailable);
    expect(callee.headers.at(-1)?.get("x-request-repeat")).toBe("1");
    expect(callee.calls).toHaveLength(4);
  });
});

describe("a callee that is down", () => {
  const fails = async (times: number, extra: Partial<ServiceCall> = {}) => {
    for (let failed = 0; failed < times; failed += 1) {
      callee.next(busy);
      await expect(write(extra)).rejects.toMatchObject(unavailable);
    }
  };

  it("is left alone after five outages in a row: calls fail at once and name it", async () => {
    await fails(5);
    const error: unknown = await write().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ ...unavailable, cause: expect.any(CircuitOpenError) as unknown }); // vitest types it as any
    expect(error).toHaveProperty("message", "The service inventory is not available right now; try again.");
    expect(callee.calls).toHaveLength(5);
  });

  it("is not one that answers with refusals", async () => {
    for (let refused = 0; refused < 10; refused += 1) {
      callee.next(() => {
        throw new TRPCError({ code: "CONFLICT" });
      });
      await expect(write()).rejects.toMatchObject({ code: "CONFLICT" });
    }
    expect(await write()).toBe("write");
  });

  it("is not one whose callers are in a hurry: else anybody could shut it off for everybody", async () => {
    for (let late = 0; late < 10; late += 1) {
      callee.next(() => new Promise(() => undefined));
      await expect(write({ deadline: now() + 5 })).rejects.toMatchObject(unavailable);
    }
    callee.calm();
    expect(await write()).toBe("write");
  });

  it("is one that lets the whole time pass", async () => {
    call = callsOver(100);
    for (let late = 0; late < 5; late += 1) {
      callee.next(() => new Promise(() => undefined));
      await expect(write()).rejects.toMatchObject(unavailable);
    }
    await expect(write()).rejects.toMatchObject({ cause: { name: "CircuitOpenError" } });
  });
});
