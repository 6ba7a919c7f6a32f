import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../open-test-auth.ts";
import { openPlatform } from "./platform.ts";
import { runModel } from "./run-model.ts";

/** Sequences of each seed; `npm run explore` makes more of them. */
const [seeds, runs] = [[11, 12], 8] as const;

describeDatabases("two replicas, a bus with faults and services, held to the model", { migrations }, (open) => {
  it(`agree with it in ${seeds.length * runs} sequences of steps`, { timeout: 120_000 }, async () => {
    const platform = await openPlatform(await open());
    for (const seed of seeds) expect(await runModel(platform, { seed, runs })).toEqual({ runs, counterexample: null });
  });
});
