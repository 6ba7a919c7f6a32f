import type { Runtime } from "../harness/child.ts";
import type { Rounds } from "../harness/interleave.ts";
import { createScratchDatabase, type ScratchDatabase } from "../harness/scratch-database.ts";
import { type CallCosts, measureCalls } from "./calls.ts";
import { measureRefreshes, type RefreshCosts } from "./refreshes.ts";
import { measureLag } from "./revocation-lag.ts";
import { measureRevocations, type RevocationCosts } from "./revocations.ts";
import { measureSignIns, type SignIns } from "./sign-ins.ts";
import { measureVerification } from "./verification.ts";

/** Everything that was measured on one runtime. */
export type Measured = {
  readonly calls: CallCosts;
  readonly verification: ReadonlyMap<string, readonly number[]>;
  readonly refreshes: { readonly RS256: RefreshCosts; readonly ES256: RefreshCosts };
  readonly signIns: SignIns;
  readonly revocations: RevocationCosts;
  readonly lag: { readonly "in-process": readonly number[]; readonly postgres: readonly number[] };
};

export type Plan = Rounds & { readonly lags: number; readonly signInSeconds: number };

/** Runs every measurement, each with databases of its own that are gone afterwards. */
export async function measureRuntime(runtime: Runtime, plan: Plan, say: (step: string) => void): Promise<Measured> {
  const databases: ScratchDatabase[] = [];
  const scratch = async () => {
    const database = await createScratchDatabase();
    databases.push(database);
    return database;
  };
  try {
    say("calls");
    const calls = await measureCalls(runtime, plan, {
      auth: await scratch(),
      peers: [await scratch(), await scratch()],
    });
    say("verification");
    const verification = await measureVerification(runtime, plan);
    say("refreshes");
    const refreshes = {
      RS256: await measureRefreshes(runtime, plan, { database: await scratch(), algorithm: "RS256" }),
      ES256: await measureRefreshes(runtime, plan, { database: await scratch(), algorithm: "ES256" }),
    };
    say("sign-ins");
    const signInPlan = { rounds: plan.rounds, seconds: plan.signInSeconds, warmUp: plan.warmUp };
    const signIns = await measureSignIns(runtime, signInPlan, await scratch());
    say("revocations");
    const revocations = await measureRevocations(runtime, plan);
    say("revocation lag");
    const lagPlan = { services: 3, count: plan.lags };
    const lag = {
      "in-process": await measureLag(runtime, { ...lagPlan, database: await scratch(), bus: "in-process" }),
      postgres: await measureLag(runtime, { ...lagPlan, database: await scratch(), bus: "postgres" }),
    };
    return { calls, verification, refreshes, signIns, revocations, lag };
  } finally {
    for (const database of databases) await database.drop();
  }
}
