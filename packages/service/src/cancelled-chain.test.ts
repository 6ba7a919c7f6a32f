import { createServiceCalls } from "@countersign/client/service";
import { defineCalls, delegatedProcedure, protectedProcedure, router } from "@countersign/context";
import { createTestChassis, createTestIssuer, silentLog } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";
import { localOrigins } from "./local-origins.ts";
import { type Served, serve } from "./serve.ts";

const issuer = await createTestIssuer();
const begun = Promise.withResolvers<void>();
const cancelled = Promise.withResolvers<void>();

/** Never answers: it waits to be cancelled. */
const inventory = router({
  wait: delegatedProcedure("orders").query(({ signal }) => {
    signal?.addEventListener("abort", () => cancelled.resolve());
    begun.resolve();
    return cancelled.promise.then(() => "in vain");
  }),
});
const toInventory = defineCalls<"orders", { inventory: typeof inventory }>("orders");
const orders = router({ wait: protectedProcedure.use(toInventory).query(({ ctx }) => ctx.call.inventory.wait()) });

/** Both listen, and there are real connections from the user to the one and from that to the other. */
const listen = async (app: ReturnType<typeof createServiceApp>): Promise<Served> =>
  serve(app.fetch, { port: 0, hostname: "127.0.0.1", log: silentLog });

let callee: Served;
let caller: Served;
beforeAll(async () => {
  callee = await listen(createServiceApp(createTestChassis("inventory", { issuer }), inventory));
  const drop = () => undefined;
  const call = createServiceCalls({
    caller: "orders",
    origins: { ...localOrigins(), inventory: callee.url },
    tokens: { tokenFor: (name) => issuer.serviceToken("orders", name), drop },
    exchanged: { tokenFor: ({ callee: name, subject }) => issuer.exchange("orders", name, subject.token), drop },
    fetch: globalThis.fetch,
    now: Date.now,
    limitMs: 60_000, // not the time limit, but the user ends the call
  });
  caller = await listen(createServiceApp(createTestChassis("orders", { issuer, call }), orders));
});
afterAll(async () => {
  await caller.stop();
  await callee.stop();
});

it("ends what a service does for another one when the user has gone away", async () => {
  const user = new AbortController();
  const headers = { authorization: `Bearer ${await issuer.userToken()}` };
  const asked = fetch(`${caller.url}/trpc/wait`, { headers, signal: user.signal });
  await begun.promise;
  user.abort();
  await expect(asked).rejects.toThrow(/abort/i);
  await cancelled.promise;
});
