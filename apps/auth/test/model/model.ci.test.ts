import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../open-test-auth.ts";
import { openPlatform } from "./platform.ts";
import { runModel } from "./run-model.ts";

/** A few seconds of it; `.ci/run` makes more sequences, and `npm run explore` as many as are wanted. */
const [seed, runs] = [11, 12];

describeDatabases("two replicas, a bus with faults and services, held to the model", { migrations }, (open) => {
  it(`agree with it in ${runs} sequences of steps`, { timeout: 120_000 }, async () => {
    const platform = await openPlatform(await open());
    expect(await runModel(platform, { seed, runs })).toEqual({ runs, counterexample: null });
  });
});
