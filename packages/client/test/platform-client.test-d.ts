import { createPlatformClient, type PlatformClient, type PlatformRouter } from "../src/index.ts";
import type { OrdersRouter, Routers } from "./platform.ts";

declare const client: PlatformClient<Routers>;

export const listed: Promise<{ items: { id: string }[] }> = client.products.list.query({ limit: 1 });
export const all: Promise<string[]> = client.orders.admin.all.query();
export const record: PlatformRouter<Routers>["_def"]["record"]["orders"] = {} as OrdersRouter["_def"]["record"]; // only its type matters

// @ts-expect-error: the platform has no service of this name
export const noService = client.nowhere;

// @ts-expect-error: access declares no service of this name
createPlatformClient<{ nowhere: OrdersRouter }>({ url: "", mode: "cookie" });

// @ts-expect-error: a service is a router, not a string
createPlatformClient<{ orders: "OrdersRouter" }>({ url: "", mode: "cookie" });

// @ts-expect-error: orders has no such procedure
export const noProcedure = client.orders.cancelAll;

// @ts-expect-error: a query is not a mutation
export const noMutation = client.products.list.mutate;

// @ts-expect-error: limit is a number
await client.products.list.query({ limit: "1" });

// @ts-expect-error: place needs its input
await client.orders.place.mutate();

// @ts-expect-error: the output has no such field
export const noField = (await client.products.list.query({ limit: 1 })).next;

// @ts-expect-error: bearer mode needs a store for its tokens
createPlatformClient<Routers>({ url: "", mode: "bearer" });
