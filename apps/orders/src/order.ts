import { z } from "zod";

/** An id in the one spelling that the database gives back, so that ids can be compared as text. */
export const uuid = z.uuid().toLowerCase();

/** An amount in minor units (cents, yen) of an ISO 4217 currency. */
export type Money = { readonly amount: number; readonly currency: string };

/** One product of an order; name and unit price are those of the moment of placing. */
export type OrderItem = {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly price: Money;
};

/** A placed order as its owner sees it. `placedAt` is in ISO 8601, UTC. */
export type Order = {
  readonly id: string;
  readonly status: "confirmed" | "cancelled";
  readonly total: Money;
  readonly items: readonly OrderItem[];
  readonly placedAt: string;
};
