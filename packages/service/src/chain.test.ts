import type { ServiceName } from "@countersign/access";
import {
  defineCalls,
  delegatedProcedure,
  protectedProcedure,
  publicProcedure,
  Refusal,
  router,
} from "@countersign/context";
import {
  callProcedure,
  createFakeClock,
  createTestCalls,
  createTestChassis,
  createTestIssuer,
  type InProcessApp,
  testUserId,
} from "@countersign/testing";
import { expect, it, vi } from "vitest";
import { createServiceApp } from "./create-service-app.ts";

/** Three services in a row, each with a clock of its own that has no common zero: orders, products, inventory. */
async function open(meanwhile: { readonly atProducts?: () => void; readonly atInventory?: () => void } = {}) {
  const issuer = await createTestIssuer();
  const seen: Headers[] = [];
  const clock = createFakeClock();

  const inventory = router({
    levels: delegatedProcedure("products").query(({ ctx }) => {
      seen.push(ctx.request.headers);
      meanwhile.atInventory?.();
      return {
        user: ctx.user.id,
        through: [ctx.service.name, ...ctx.service.chain],
        traceparent: ctx.trace.traceparent,
      };
    }),
  });
  const toInventory = defineCalls<"products", { inventory: typeof inventory }>("products");
  const products = router({
    offer: publicProcedure.use(toInventory).query(async ({ ctx }) => {
      seen.push(ctx.request.headers);
      meanwhile.atProducts?.();
      return await ctx.call.inventory.levels();
    }),
  });
  const toProducts = defineCalls<"orders", { products: typeof products }>("orders");
  const orders = router({
    offer: protectedProcedure.use(toProducts).query(({ ctx }) => ctx.call.products.offer()),
    direct: protectedProcedure.query(() => "begun"),
  });

  const apps: Partial<Record<ServiceName, InProcessApp>> = {};
  const appOf = (service: ServiceName, routes: Parameters<typeof createServiceApp>[1]) => {
    const call = createTestCalls(service, { issuer, apps, now: clock.now });
    return createServiceApp(createTestChassis(service, { issuer, call, now: clock.now }), routes);
  };
  apps.inventory = appOf("inventory", inventory);
  apps.products = appOf("products", products);
  const app = appOf("orders", orders);
  const token = await issuer.userToken();
  const call = (headers: Record<string, string> = {}, path = "offer") =>
    callProcedure(app, path, { type: "query", token, headers });
  return { call, seen, apps, clock };
}

const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=1" };
const leftIn = (headers: Headers | undefined): number => Number(headers?.get("x-request-timeout-ms"));

it("names the user and every service in between to the last one, in the trace of the first", async () => {
  const { call, seen } = await open();
  const { data } = await call({ ...trace, "x-request-id": "request-1" });
  expect(data).toMatchObject({ user: testUserId, through: ["products", "orders"], traceparent: trace.traceparent });
  const follows = { "x-request-id": "request-1", ...trace };
  expect(seen.map((headers) => Object.fromEntries(headers))).toMatchObject([follows, follows]);
});

it("gives each service the time that the one above has left", async () => {
  const clocks: { advance(seconds: number): void }[] = [];
  const { call, seen, clock } = await open({ atProducts: () => clocks[0]?.advance(0.5) });
  clocks.push(clock);
  await call({ "x-request-timeout-ms": "2000" });
  expect(seen.map(leftIn)).toEqual([2_000, 1_500]);
});

it("gives a call that nobody limits its own limit, and what remains of that to the next", async () => {
  const clocks: { advance(seconds: number): void }[] = [];
  const { call, seen, clock } = await open({ atProducts: () => clocks[0]?.advance(1) });
  clocks.push(clock);
  await call();
  expect(seen.map(leftIn)).toEqual([5_000, 4_000]);
});

it("does not begin what nobody waits for any more, at any of the services", async () => {
  const begun = vi.fn<() => void>();
  const clocks: { advance(seconds: number): void }[] = [];
  const { call, clock } = await open({ atProducts: () => clocks[0]?.advance(3), atInventory: begun });
  clocks.push(clock);
  expect(await call({ "x-request-timeout-ms": "2000" })).toMatchObject({
    status: 503,
    error: { message: "The service products is not available right now; try again." },
  });
  expect(begun).not.toHaveBeenCalled();
  const { status, error } = await call({ "x-request-timeout-ms": "0" }, "direct");
  expect({ status, message: error?.message }).toEqual({ status: 503, message: "The time for this request is over." });
});

it("does not multiply repeats: what is called because of one says so, and is not repeated further down", async () => {
  let isDown = false;
  const atInventory = (): void => {
    if (isDown) throw new Refusal("SERVICE_UNAVAILABLE");
  };
  const { call, seen } = await open({ atInventory });
  await call(); // by its answers the chain knows that all of it are queries
  seen.splice(0);
  isDown = true;
  expect(await call()).toMatchObject({ status: 503 });
  const once = ["first", "first", "repeat", "repeat"]; // products, and what it asks of inventory
  const again = ["repeat", "repeat"];
  expect(seen.map((headers) => (headers.has("x-request-repeat") ? "repeat" : "first"))).toEqual([
    ...once,
    ...again,
    ...again,
  ]);
});
