import { describe, expect, it } from "vitest";
import { basket, mergeBasket, spellBasket } from "./basket.ts";

const lamp = "0190a000-0000-7000-8000-000000000001";
const stamp = "0190a000-0000-7000-8000-00000000000b";

describe("a basket", () => {
  it("adds up a product that is named more than once", () => {
    const merged = mergeBasket([
      { productId: stamp, quantity: 2 },
      { productId: lamp, quantity: 1 },
      { productId: stamp, quantity: 3 },
    ]);
    expect(merged).toEqual([
      { productId: lamp, quantity: 1 },
      { productId: stamp, quantity: 5 },
    ]);
  });

  it("has one spelling, whatever the order of its items and the case of their ids", () => {
    const one = basket.parse([
      { productId: stamp.toUpperCase(), quantity: 2 },
      { productId: lamp, quantity: 1 },
    ]);
    const other = basket.parse([
      { productId: lamp, quantity: 1 },
      { productId: stamp, quantity: 1 },
      { productId: stamp, quantity: 1 },
    ]);
    expect(spellBasket(mergeBasket(one))).toBe(spellBasket(mergeBasket(other)));
    expect(spellBasket(mergeBasket(one))).toBe(`1x${lamp} 2x${stamp}`);
  });

  it.each([
    [[]],
    [[{ productId: lamp, quantity: 0 }]],
    [[{ productId: lamp, quantity: 1.5 }]],
    [[{ productId: "1", quantity: 1 }]],
  ])("is refused when it is malformed: %j", (items) => {
    expect(basket.safeParse(items).success).toBe(false);
  });
});
