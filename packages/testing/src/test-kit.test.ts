import {
  delegatedProcedure,
  protectedProcedure,
  publicProcedure,
  Refusal,
  router,
  serviceProcedure,
} from "@countersign/context";
import { createServiceApp } from "@countersign/service";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestChassis } from "./test-chassis.ts";
import { createTestIssuer } from "./test-issuer.ts";
import { createTestKit, type TestKit } from "./test-kit.ts";

const inventory = router({
  open: publicProcedure.query(({ ctx }) => [ctx.user?.id ?? null, ctx.service?.name ?? null]),
  stock: router({ level: serviceProcedure("orders", "products").query(({ ctx }) => ctx.service.name) }),
  reserve: delegatedProcedure("orders")
    .input(z.object({ quantity: z.int().max(9) }))
    .mutation(({ ctx, input: { quantity } }) => {
      if (quantity > 5) throw new Refusal("CONFLICT", "Out of stock.");
      return { quantity, user: ctx.user.id, through: [ctx.service.name, ...ctx.service.chain] };
    }),
});
const orders = router({ me: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id, roles: ctx.user.roles })) });

type Routers = { inventory: typeof inventory; orders: typeof orders };
let kit: TestKit<Routers>;

beforeEach(async () => {
  const issuer = await createTestIssuer();
  const apps = {
    inventory: createServiceApp(createTestChassis("inventory", { issuer }), inventory),
    orders: createServiceApp(createTestChassis("orders", { issuer }), orders),
  };
  kit = createTestKit<Routers>({ issuer, apps });
});

describe("a caller of the kit", () => {
  it("is a user, the same at each call, and somebody new for each caller", async () => {
    const [alice, bob] = await Promise.all([kit.asUser(), kit.asUser({ roles: ["admin"] })]);
    const me = await alice.orders.me();
    expect(await alice.orders.me()).toEqual(me);
    expect(await bob.orders.me()).toEqual({ id: expect.not.stringMatching(me.id), roles: ["admin"] });
    expect(await (await kit.asUser({ id: "alice" })).orders.me()).toMatchObject({ id: "alice" });
  });

  it("is a service", async () => {
    const level: string = await kit.asService("orders").inventory.stock.level();
    expect(level).toBe("orders");
  });

  it("is a user through services", async () => {
    const alice = kit.asUserVia("orders", { id: "alice", through: ["products"] });
    const reserved = await alice.inventory.reserve({ quantity: 2 });
    expect(reserved).toEqual({ quantity: 2, user: "alice", through: ["orders", "products"] });
  });

  it("is nobody", async () => {
    expect(await kit.asNobody().inventory.open()).toEqual([null, null]);
    await expect(kit.asNobody().orders.me()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED", httpStatus: 401 } });
  });

  it("is refused as anybody is, by the app itself", async () => {
    const alice = await kit.asUser();
    await expect(alice.inventory.open()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } }); // it faces no users
    const strange = kit.asUserVia("products").inventory.reserve({ quantity: 1 });
    await expect(strange).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
    const [much, toMuch] = [6, 10].map((quantity) => kit.asUserVia("orders").inventory.reserve({ quantity }));
    await expect(much).rejects.toMatchObject({ message: "Out of stock.", data: { code: "CONFLICT" } });
    await expect(toMuch).rejects.toMatchObject({ data: { code: "BAD_REQUEST", fields: [{ field: "quantity" }] } });
  });
});

export async function typed(): Promise<void> {
  // @ts-expect-error: the kit has no such app
  await kit.asNobody().products.list();
  // @ts-expect-error: no such procedure
  await kit.asNobody().orders.you();
  // @ts-expect-error: the input of another procedure
  await kit.asUserVia("orders").inventory.reserve({ amount: 1 });
  // @ts-expect-error: no such service
  kit.asService("nowhere");
  // @ts-expect-error: no such role
  await kit.asUser({ roles: ["superuser"] });
}
