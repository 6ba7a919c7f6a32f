import type { Log } from "@countersign/context";
import { and, eq, lt } from "drizzle-orm";
import type { OrdersDeps } from "./deps.ts";
import { orders } from "./schema.ts";
import { releaseOrder } from "./settle.ts";

/** How long a request may work on an order; one that is pending for longer was left behind by a crash. */
const patienceMs = 30_000;

const batch = 100;

/** Work that goes on by itself until it is stopped; `stop` waits for what is under way. */
export type Work = { stop(): Promise<void> };

/**
 * Clears up what broken-off requests left behind: gives up orders that are pending for too long, so that their keys are
 * free again, and has inventory release the stock of every order whose release it has not acknowledged yet. Safe to run
 * on several replicas at once, and beside requests. Gives the number of orders released.
 */
export async function recoverOrders(deps: OrdersDeps): Promise<number> {
  await deps.db
    .update(orders)
    .set({ status: "abandoned", releaseDue: true })
    .where(and(eq(orders.status, "pending"), lt(orders.startedAt, new Date(deps.now() - patienceMs))));
  const due = await deps.db.select({ id: orders.id }).from(orders).where(eq(orders.releaseDue, true)).limit(batch);
  for (const { id } of due) await releaseOrder(deps, id);
  return due.length;
}

/** Recovers orders now, and again half a minute after each time. */
export function workOnRecovery(deps: OrdersDeps, log: Log): Work {
  const stopping = new AbortController();
  const ended = recoverUntil(stopping.signal, deps, log);
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

async function recoverUntil(stop: AbortSignal, deps: OrdersDeps, log: Log): Promise<void> {
  while (!stop.aborted) {
    try {
      const count = await recoverOrders(deps);
      if (count > 0) log.info({ orders: count }, "Released the stock of orders that were left behind.");
    } catch (cause) {
      log.warn({ err: cause }, "Orders that were left behind could not be cleared up yet.");
    }
    await pause(patienceMs, stop);
  }
}

/** Waits, or until `stop` aborts; does not keep the process alive. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = setTimeout(end, ms).unref();
  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  return promise.finally(() => {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  });
}
