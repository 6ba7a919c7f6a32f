import { describe, expect, it } from "vitest";
import { money } from "./money.ts";

describe("a price", () => {
  it("is an integer of minor units in a currency of ISO 4217", () => {
    expect(money.parse({ amount: 6_900, currency: "EUR" })).toEqual({ amount: 6_900, currency: "EUR" });
    expect(money.parse({ amount: 0, currency: "JPY" })).toEqual({ amount: 0, currency: "JPY" });
  });

  it.each([
    { amount: -1, currency: "EUR" },
    { amount: 0.5, currency: "EUR" },
    { amount: 2 ** 53, currency: "EUR" },
    { amount: 100, currency: "eur" },
    { amount: 100, currency: "XTS" },
    { amount: "100", currency: "EUR" },
  ])("is refused as $amount $currency", (price) => {
    expect(money.safeParse(price).success).toBe(false);
  });
});
