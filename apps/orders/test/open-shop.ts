import type { Role } from "@countersign/access";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import {
  callProcedure,
  createFakeClock,
  createTestCalls,
  createTestChassis,
  createTestIssuer,
  createTestKit,
  type ProcedureAnswer,
} from "@countersign/testing";
import { createApp } from "../src/app.ts";
import { createOrdersDeps } from "../src/deps.ts";
import type { OrdersRouter } from "../src/router.ts";
import { createPeers } from "./peers.ts";

/** Orders on this database with peers in memory; it calls them with its own tokens, over HTTP without a network. */
export async function openShop(database: OpenDatabase) {
  const clock = createFakeClock();
  const issuer = await createTestIssuer(clock);
  const peers = createPeers(issuer, clock);
  const bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
  const apps = { products: peers.productsApp, inventory: peers.inventoryApp };
  const call = createTestCalls("orders", { issuer, apps, now: clock.now });
  const chassis = createTestChassis("orders", { issuer, call, bus, now: clock.now });
  const app = createApp({ chassis, database });
  const kit = createTestKit<{ orders: OrdersRouter }>({ issuer, apps: { orders: app } });

  /** Somebody new who signs in. */
  const someone =
    (role: Role = "user", id: string = crypto.randomUUID()) =>
    async (path: string, input?: unknown): Promise<ProcedureAnswer> =>
      callProcedure(app, path, {
        type: path === "place" || path === "cancel" ? "mutation" : "query",
        input,
        token: await issuer.userToken({ id, roles: [role] }),
      });

  /** A new product of the catalogue. */
  const product = (stock: number, price = { amount: 1_000, currency: "EUR" }): string => {
    const id = crypto.randomUUID();
    peers.catalogue.set(id, { id, name: `Product ${id}`, price });
    peers.stock.set(id, stock);
    return id;
  };

  return { ...peers, ...kit, app, issuer, bus, clock, deps: createOrdersDeps({ chassis, database }), someone, product };
}

/** A request for one kind of product under a key of its own. */
export function orderOf(productId: string, quantity = 1) {
  return { items: [{ productId, quantity }], idempotencyKey: crypto.randomUUID() };
}

/** For `around`: the peer fails at this point, as often as it is asked. */
export async function breakDown(): Promise<void> {
  throw new Error("The power is out.");
}
