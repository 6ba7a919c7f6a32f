import { createTRPCClient, getUntypedClient, loggerLink, TRPCClientError } from "@trpc/client";
import { beforeEach, describe, expect, it } from "vitest";

import { createPlatform, type Routers } from "../test/platform.ts";
import type { Fetch } from "./fetch.ts";
import { createPlatformClient, type PlatformClient } from "./platform-client.ts";
import { platformLink } from "./platform-link.ts";
import type { PlatformRouter } from "./platform-router.ts";
import { createMemoryTokenStore, type TokenStore } from "./token-store.ts";

const url = "http://gateway.test";
const headers = (): Record<string, string> => ({ "x-request-id": "r-1" });
const failing: Fetch = () => Promise.reject(new TypeError("fetch failed"));
const signedIn = { accessToken: "a1", refreshToken: "r1" };

let platform: ReturnType<typeof createPlatform>;
let tokens: TokenStore;
let client: PlatformClient<Routers>;

beforeEach(() => {
  platform = createPlatform();
  tokens = createMemoryTokenStore(signedIn);
  client = createPlatformClient<Routers>({ url, fetch: platform.fetch, mode: "bearer", tokens });
});

describe("one client over all services", () => {
  it("sends queries and mutations to the service that the first segment names", async () => {
    expect(await client.products.list.query({ limit: 1 })).toEqual({ items: [{ id: "p1" }] });
    expect(await client.orders.place.mutate({ productId: "p1" })).toEqual({ id: "order of p1" });
    expect(await client.orders.admin.all.query()).toEqual(["o1", "o2"]);
    expect(platform.seen).toEqual(["GET /trpc/products/list", "POST /trpc/orders/place", "GET /trpc/orders/admin.all"]);
  });

  it("batches per service, at most twenty in a request", async () => {
    const listed = Array.from({ length: 21 }, () => client.products.list.query({ limit: 1 }));
    await Promise.all([...listed, client.orders.mine.query(), client.orders.admin.all.query()]);
    const twenty = Array.from({ length: 20 }, () => "list").join(",");
    expect(platform.seen.toSorted()).toEqual([
      "GET /trpc/orders/mine,admin.all",
      "GET /trpc/products/list",
      `GET /trpc/products/${twenty}`,
    ]);
  });

  it("never batches calls of auth", async () => {
    await Promise.all([client.auth.me.query(), client.auth.me.query()]);
    expect(platform.seen).toEqual(["GET /trpc/auth/me", "GET /trpc/auth/me"]);
  });

  it("takes FormData", async () => {
    const form = new FormData();
    form.set("name", "apple");
    expect(await client.products.upload.mutate(form)).toEqual({ name: "apple" });
  });

  it("keeps a URL's own path and needs no origin in a page", async () => {
    const made: string[] = [];
    const fetch: Fetch = (input) => {
      made.push(input instanceof Request ? input.url : String(input));
      return Promise.resolve(Response.json({ result: { data: null } }));
    };
    for (const base of ["https://shop.test/base/", new URL("https://shop.test"), ""]) {
      await createPlatformClient<Routers>({ url: base, fetch, mode: "cookie" }).auth.me.query();
    }
    expect(made).toEqual(["https://shop.test/base/trpc/auth/me", "https://shop.test/trpc/auth/me", "/trpc/auth/me"]);
  });

  it("sends the caller's headers with the token", async () => {
    const own = createPlatformClient<Routers>({ url, fetch: platform.fetch, headers, mode: "bearer", tokens });
    await own.orders.mine.query();
    expect(Object.fromEntries(platform.requests[0]?.headers ?? [])).toMatchObject({
      authorization: "Bearer a1",
      "x-request-id": "r-1",
    });
  });
});

describe("errors", () => {
  it("name the service in their path, in a batch as well", async () => {
    const failed = await Promise.allSettled(["a", "b"].map((id) => client.products.get.query({ id })));
    const about = { code: "NOT_FOUND", httpStatus: 404, path: "products.get" };
    expect(failed).toMatchObject([
      { status: "rejected", reason: { message: "No product a.", data: about, shape: { code: -32004, data: about } } },
      { status: "rejected", reason: { message: "No product b.", data: about } },
    ]);
    const [first] = failed;
    expect(first?.status === "rejected" && first.reason).toBeInstanceOf(TRPCClientError);
  });

  it("without an answer keep their cause", async () => {
    const cut = createPlatformClient<Routers>({ url, fetch: failing, mode: "cookie" });
    await expect(cut.products.list.query({ limit: 1 })).rejects.toMatchObject({
      message: "fetch failed",
      cause: { name: "TypeError" },
    });
  });

  it.each(["nowhere.charge", "__proto__.list", "toString.list", "products", "products.", ""])(
    "refuse the path %j without a request",
    async (path) => {
      const refused = getUntypedClient(client).query(path);
      await expect(refused).rejects.toMatchObject({ data: { code: "BAD_REQUEST", path } });
      await expect(refused).rejects.toThrow(/names no procedure of a known service/);
      expect(platform.seen).toEqual([]);
    },
  );
});

describe("cancellation", () => {
  it("reaches the request", async () => {
    const abort = new AbortController();
    const signals: (AbortSignal | null | undefined)[] = [];
    const fetch: Fetch = (_input, init) => {
      signals.push(init?.signal);
      abort.abort();
      return Promise.reject(new DOMException("aborted", "AbortError"));
    };
    const cut = createPlatformClient<Routers>({ url, fetch, mode: "cookie" });
    await expect(cut.products.list.query({ limit: 1 }, { signal: abort.signal })).rejects.toThrow("aborted");
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe("platformLink", () => {
  it("is an ordinary last link, beside any other", async () => {
    const logged: string[] = [];
    const plain = createTRPCClient<PlatformRouter<Routers>>({
      links: [
        loggerLink({ logger: ({ direction, path }) => void logged.push(`${direction} ${path}`) }),
        platformLink({ url, fetch: platform.fetch }),
      ],
    });
    await plain.products.list.query({ limit: 1 });
    expect(logged).toEqual(["up products.list", "down products.list"]);
  });
});
