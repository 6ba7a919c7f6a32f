import { permissionProcedure } from "@countersign/context";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import { and, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { countChanges } from "../changes.ts";
import type { OrdersDeps } from "../deps.ts";
import type { Order } from "../order.ts";
import { readChangedOrders, withoutOwner } from "../read-orders.ts";
import { orders } from "../schema.ts";

const inputSchema = z
  .object({
    /** The last id that was received; a client that reconnects sends it as `Last-Event-ID`. */
    lastEventId: z
      .string()
      .regex(/^\d{1,15}$/, "The id of an event of this stream.")
      .optional(),
  })
  .optional();

/** How many of the latest changes a watcher sees that has no position yet. */
const firstLook = 50;
const page = 100;

/**
 * The state of the caller's orders, as it is and as it changes: each event is one order, with an id to resume after.
 * Without one the stream begins with the orders that changed last. An order that changed several times meanwhile comes
 * once, as it is now. Refuses with BAD_REQUEST an id that is none of this stream's.
 */
export const watchOrders = (deps: OrdersDeps) =>
  permissionProcedure("orders:read")
    .input(inputSchema)
    .subscription(({ ctx, input, signal = AbortSignal.abort() }) =>
      watch(deps, { userId: ctx.user.id, after: input?.lastEventId, signal }),
    );

type Watch = { readonly userId: string; readonly after: string | undefined; readonly signal: AbortSignal };

async function* watch(
  { db, news }: OrdersDeps,
  { userId, after, signal }: Watch,
): AsyncGenerator<TrackedEnvelope<Order>, void, undefined> {
  const ending = new AbortController();
  const bell = news.hear(userId, AbortSignal.any([signal, ending.signal]));
  try {
    let position = after === undefined ? (await countChanges(db, userId)) - firstLook : Number(after);
    while (!signal.aborted) {
      const changed = await readChangedOrders(db, and(eq(orders.userId, userId), gt(orders.position, position)), page);
      for (const order of changed) {
        position = order.position;
        yield tracked(String(position), withoutOwner(order));
      }
      if (changed.length < page) await bell.next();
    }
  } finally {
    ending.abort();
  }
}
