import {
  type CallPort,
  defineCalls,
  type OutgoingCall,
  publicProcedure,
  router,
  serviceProcedure,
} from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";

const inventory = router({ stock: router({ level: serviceProcedure("orders").query(() => 3) }) });
const calls = defineCalls<"orders", { inventory: typeof inventory }>("orders");

const orders = router({
  level: publicProcedure.use(calls).query(({ ctx }) => ctx.call.inventory.stock.level()),
  sneak: publicProcedure.use(calls).query(async ({ ctx }) => {
    const beyond = ctx.call as unknown as { gateway: { open: () => Promise<unknown> } }; // what a type assertion would try
    return beyond.gateway.open();
  }),
});

async function appOf(service: "orders" | "inventory", call: CallPort) {
  const issuer = await createTestIssuer();
  return createServiceApp(createTestChassis(service, { issuer, call }), orders);
}

describe("ctx.call", () => {
  it("hands the port the callee, the path, and what follows the request", async () => {
    const made: OutgoingCall[] = [];
    const app = await appOf("orders", async (call) => {
      made.push(call);
      return 3;
    });
    const headers = { "x-request-id": "request-1" };
    expect(await callProcedure(app, "level", { type: "query", headers })).toMatchObject({ data: 3 });
    expect(made).toMatchObject([{ callee: "inventory", path: "stock.level", requestId: "request-1" }]);
    expect(made[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it("refuses at run time what does not compile", async () => {
    const app = await appOf("orders", async () => "let through");
    expect(await callProcedure(app, "sneak", { type: "query" })).toMatchObject({ status: 500, data: undefined });
  });

  it("refuses to work in a service that it was not declared for", async () => {
    const app = await appOf("inventory", async () => 3);
    expect(await callProcedure(app, "level", { type: "query" })).toMatchObject({ status: 500, data: undefined });
  });
});
