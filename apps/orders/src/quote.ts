import type { Basket } from "./basket.ts";
import { FinalRefusal } from "./final-refusal.ts";
import type { Money, OrderItem } from "./order.ts";

/** What products says about a product. */
export type PricedProduct = { readonly id: string; readonly name: string; readonly price: Money };

/** A basket with its prices. */
export type Quote = { readonly items: readonly OrderItem[]; readonly total: Money };

/**
 * Prices a basket. Refuses with NOT_FOUND when a product is not in the catalogue, and with BAD_REQUEST when the prices
 * are in more than one currency.
 */
export function quoteBasket(basket: Basket, catalogue: readonly PricedProduct[]): Quote {
  const products = new Map(catalogue.map((product) => [product.id, product]));
  const items = basket.map(({ productId, quantity }): OrderItem => {
    const product = products.get(productId);
    if (!product) throw new FinalRefusal("NOT_FOUND", `There is no product ${productId}.`);
    const { amount, currency } = product.price;
    return { productId, name: product.name, quantity, price: { amount, currency } };
  });
  return { items, total: totalOf(items) };
}

function totalOf(items: readonly OrderItem[]): Money {
  const [currency = "", ...others] = new Set(items.map(({ price }) => price.currency));
  if (others.length > 0) {
    const named = [currency, ...others].join(", ");
    throw new FinalRefusal("BAD_REQUEST", `One order has one currency; these products are priced in ${named}.`);
  }
  return { amount: items.reduce((sum, { price, quantity }) => sum + price.amount * quantity, 0), currency };
}
