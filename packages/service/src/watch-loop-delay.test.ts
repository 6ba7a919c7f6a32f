import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { watchLoopDelay } from "./watch-loop-delay.ts";

/** Holds up everything else in this process. */
function hold(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

it("tells of a process that is late again and again, and of one that was late once it says nothing", async () => {
  let skew = 0;
  const watch = watchLoopDelay(() => performance.now() + skew);
  skew = 5_000; // one long task
  await setTimeout(400);
  expect(watch.delayMs()).toBeLessThan(1_000);
  const holding = setInterval(() => hold(150), 1);
  await setTimeout(1_500);
  expect(watch.delayMs()).toBeGreaterThan(40);
  clearInterval(holding);
  watch.stop();
});
