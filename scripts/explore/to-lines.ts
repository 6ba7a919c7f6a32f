import type { Explored } from "./start-exploration.ts";

/** What came of an exploration, in lines for a terminal: how many sequences there were, or a counterexample with its steps. */
export function toLines(explored: Explored | null): readonly string[] {
  if (explored === null) return ["the process failed; see above"];
  const { runs, counterexample } = explored;
  if (counterexample === null) return [`${runs} sequences agree with the model`];
  const { message, clocks, steps } = counterexample;
  return [
    `sequence ${runs}: ${message}`,
    `clocks: ${clocks.a} ms at a, ${clocks.b} ms at b`,
    ...steps.map((step, index) => `${index + 1}. ${step}`),
  ];
}
