import { describe, expect, it } from "vitest";
import { FinalRefusal } from "./final-refusal.ts";
import { quoteBasket } from "./quote.ts";

const lamp = { id: "lamp", name: "Lamp", price: { amount: 6_900, currency: "EUR" } };
const stamp = { id: "stamp", name: "Stamp", price: { amount: 5_600, currency: "EUR" } };
const kite = { id: "kite", name: "Kite", price: { amount: 900, currency: "JPY" } };

describe("a quote", () => {
  it("sums the prices up in minor units and keeps name and price of each product", () => {
    const quote = quoteBasket(
      [
        { productId: "lamp", quantity: 2 },
        { productId: "stamp", quantity: 1 },
      ],
      [stamp, lamp],
    );
    expect(quote.total).toEqual({ amount: 19_400, currency: "EUR" });
    expect(quote.items[0]).toEqual({ productId: "lamp", name: "Lamp", quantity: 2, price: lamp.price });
  });

  it("stays exact at the limits", () => {
    const dear = { id: "dear", name: "Dear", price: { amount: 100_000_000_000, currency: "EUR" } };
    expect(quoteBasket([{ productId: "dear", quantity: 50_000 }], [dear]).total.amount).toBeLessThan(2 ** 53);
  });

  it("is refused for an unknown product, which is named", () => {
    const wanted = [{ productId: "lamp", quantity: 1 }];
    expect(() => quoteBasket(wanted, [stamp])).toThrow(new FinalRefusal("NOT_FOUND", "There is no product lamp."));
  });

  it("is refused for products of two currencies", () => {
    const both = [
      { productId: "lamp", quantity: 1 },
      { productId: "kite", quantity: 1 },
    ];
    expect(() => quoteBasket(both, [lamp, kite])).toThrow(/priced in EUR, JPY/);
  });
});
