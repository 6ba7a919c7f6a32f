// Type tests: this file is compiled, never run.
import { z } from "zod";
import { defineCalls } from "./calls.ts";
import { delegatedProcedure, protectedProcedure, serviceProcedure } from "./procedures.ts";
import { router } from "./trpc.ts";

const inventory = router({
  reserve: serviceProcedure("orders")
    .input(z.object({ orderId: z.string() }))
    .mutation(() => ({ reserved: true })),
  stock: router({ level: serviceProcedure("orders").query(() => 3) }),
  hold: delegatedProcedure("orders").mutation(({ ctx }) => ctx.user.id),
  watch: serviceProcedure("orders").subscription(async function* () {
    yield 3;
  }),
});
type InventoryRouter = typeof inventory;

const calls = defineCalls<"orders", { inventory: InventoryRouter }>("orders");

protectedProcedure.use(calls).mutation(async ({ ctx }) => {
  const { reserved }: { reserved: boolean } = await ctx.call.inventory.reserve({ orderId: ctx.user.id });
  const level: number = await ctx.call.inventory.stock.level();
  const heldFor: string = await ctx.call.inventory.hold();
  // @ts-expect-error: the input of another procedure
  await ctx.call.inventory.reserve({ order: 1 });
  // @ts-expect-error: no such procedure
  await ctx.call.inventory.reverse({ orderId: "1" });
  // @ts-expect-error: a stream is no call
  await ctx.call.inventory.watch();
  // @ts-expect-error: not declared among the calls
  await ctx.call.products.list({});
  return { reserved, level, heldFor };
});

// @ts-expect-error: without `.use(calls)` there is nothing to call
protectedProcedure.mutation(({ ctx }) => ctx.call.inventory.reserve({ orderId: "1" }));

// @ts-expect-error: the policy does not let inventory call orders
defineCalls<"inventory", { orders: InventoryRouter }>("inventory");
// @ts-expect-error: no such service
defineCalls<"orders", { nowhere: InventoryRouter }>("orders");
