import { expect, it } from "vitest";
import { repeat } from "./repeat.ts";

const now = (): number => 0;
const always = { mayRepeat: () => true, asksToWaitMs: () => 0, now, random: () => 1 };

/** Fails each time and keeps the numbers of the attempts. */
function failing() {
  const numbers: number[] = [];
  const attempt = async (number: number): Promise<never> => {
    numbers.push(number);
    throw new Error(`attempt ${number}`);
  };
  return { numbers, attempt };
}

it("tries three times in all, and rejects with the last error", async () => {
  const { numbers, attempt } = failing();
  await expect(repeat(attempt, { ...always, endsAt: 1_000 })).rejects.toThrow("attempt 3");
  expect(numbers).toEqual([1, 2, 3]);
});

it("does not wait where the end comes first: 50 ms at most before the second attempt, 100 ms before the third", async () => {
  const [short, middle, long] = [failing(), failing(), failing()];
  await expect(repeat(short.attempt, { ...always, endsAt: 50 })).rejects.toThrow("attempt 1");
  await expect(repeat(middle.attempt, { ...always, endsAt: 100 })).rejects.toThrow("attempt 2");
  await expect(repeat(long.attempt, { ...always, endsAt: 101 })).rejects.toThrow("attempt 3");
  await expect(repeat(failing().attempt, { ...always, random: () => 0.5, endsAt: 51 })).rejects.toThrow("attempt 3");
});

it("does not try again what may not be", async () => {
  const { numbers, attempt } = failing();
  await expect(repeat(attempt, { ...always, mayRepeat: () => false, endsAt: 1_000 })).rejects.toThrow("attempt 1");
  expect(numbers).toEqual([1]);
});
