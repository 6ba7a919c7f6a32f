import { QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, loggerLink } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { beforeEach, describe, expect, it } from "vitest";

import {
  createMemoryTokenStore,
  createPlatformClient,
  createSession,
  type PlatformRouter,
  platformLink,
  refreshLink,
} from "../src/index.ts";
import { createPlatform, type OrdersRouter, type ProductsRouter, type Routers } from "./platform.ts";

const url = "http://gateway.test";
const tokens = createMemoryTokenStore({ accessToken: "a1", refreshToken: "r1" });

let platform: ReturnType<typeof createPlatform>;
let queryClient: QueryClient;

beforeEach(() => {
  platform = createPlatform();
  queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});

describe("TanStack Query over the platform client", () => {
  const open = () => {
    const client = createPlatformClient<Routers>({ url, fetch: platform.fetch, mode: "bearer", tokens });
    return createTRPCOptionsProxy<PlatformRouter<Routers>>({ client, queryClient });
  };

  it("fetches a query by its options, and keeps it under its key", async () => {
    const trpc = open();
    const options = trpc.products.list.queryOptions({ limit: 1 });
    expect(await queryClient.query(options)).toEqual({ items: [{ id: "p1" }] });
    expect(options.queryKey).toEqual([["products", "list"], { input: { limit: 1 }, type: "query" }]);
    expect(queryClient.getQueryData(trpc.products.list.queryKey({ limit: 1 }))?.items[0]?.id).toBe("p1");
    expect(trpc.orders.pathFilter()).toEqual({ queryKey: [["orders"]] });
  });

  it("batches what is fetched together, and runs mutations", async () => {
    const trpc = open();
    await Promise.all([
      queryClient.query(trpc.orders.mine.queryOptions()),
      queryClient.query(trpc.orders.admin.all.queryOptions()),
    ]);
    const place = queryClient.getMutationCache().build(queryClient, trpc.orders.place.mutationOptions());
    expect(await place.execute({ productId: "p1" })).toEqual({ id: "order of p1" });
    expect(platform.seen).toEqual(["GET /trpc/orders/mine,admin.all", "POST /trpc/orders/place"]);
  });

  it("hands errors on with their full path", async () => {
    const failed = queryClient.query(open().products.get.queryOptions({ id: "x" }));
    await expect(failed).rejects.toMatchObject({ data: { code: "NOT_FOUND", path: "products.get" } });
  });

  it("has options for subscriptions", () => {
    const trpc = open();
    expect(trpc.orders.watch.subscriptionOptions({}).queryKey).toEqual([["orders", "watch"], { input: {} }]);
  });
});

describe("other links beside ours", () => {
  it("see what the caller wrote, once, however often it is sent", async () => {
    const logged: string[] = [];
    platform.proof = "Bearer a2";
    const user = { id: "u1", email: "alice@example.com", roles: ["user"] };
    const granted = { user, accessToken: "a2", refreshToken: "r2", tokenType: "Bearer", expiresIn: 600 };
    platform.rest["refresh"] = () => Response.json(granted);
    const session = createSession({ url, fetch: platform.fetch, mode: "bearer", tokens });
    const client = createTRPCClient<PlatformRouter<Routers>>({
      links: [
        loggerLink({ logger: ({ direction, path }) => void logged.push(`${direction} ${path}`) }),
        refreshLink(session),
        platformLink({ url, fetch: platform.fetch, headers: () => session.authorization() }),
      ],
    });
    expect(await client.orders.mine.query()).toEqual(["o1"]);
    expect(logged).toEqual(["up orders.mine", "down orders.mine"]);
    expect(platform.seen).toHaveLength(3);
  });
});

describe("a stock tRPC client pointed at one service", () => {
  it("works unchanged, alone and under TanStack Query", async () => {
    const authorization = "Bearer a1";
    const fetch = (input: string | URL | Request, init?: object) => platform.fetch(input, init);
    const linkTo = (service: string) =>
      httpBatchLink({ url: `${url}/trpc/${service}`, fetch, headers: () => ({ authorization }) });
    const orders = createTRPCClient<OrdersRouter>({ links: [linkTo("orders")] });
    expect(await orders.mine.query()).toEqual(["o1"]);
    const products = createTRPCClient<ProductsRouter>({ links: [linkTo("products")] });
    const trpc = createTRPCOptionsProxy<ProductsRouter>({ client: products, queryClient });
    expect(await queryClient.query(trpc.list.queryOptions({ limit: 1 }))).toEqual({ items: [{ id: "p1" }] });
  });
});
