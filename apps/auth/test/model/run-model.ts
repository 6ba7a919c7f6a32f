import fc from "fast-check";
import * as accounts from "./account-commands.ts";
import * as bus from "./bus-commands.ts";
import type { Command } from "./command.ts";
import { forgeries } from "./forger.ts";
import { type Platform, replicaNames } from "./platform.ts";
import * as sessions from "./session-commands.ts";
import * as tokens from "./token-commands.ts";
import { type Invariant, Violation } from "./violation.ts";
import { openWorld } from "./world.ts";

export type Exploration = {
  readonly seed: number;
  readonly runs: number;
  /** Where in the tree of a seed a counterexample was found. */
  readonly path?: string;
  /** Milliseconds after which no new run begins. */
  readonly limitMs?: number;
  /** Whether a counterexample is made as short as it goes; yes by default. */
  readonly shortens?: boolean;
};

/** What came of an exploration. */
export type Explored = {
  readonly runs: number;
  /** Null when the platform did as the model says. */
  readonly counterexample: { readonly violated: Invariant | "no error"; readonly report: string } | null;
};

/** How many steps a run has at most. */
const mostSteps = 30;
/** The clocks of the replicas, in milliseconds: alike, or apart as far as is tolerated. */
const offsets = [
  { a: 0, b: 0 },
  { a: 0, b: 5_000 },
  { a: 0, b: -5_000 },
  { a: 3_000, b: 0 },
  { a: -2_000, b: 2_500 },
];

const at = fc.constantFrom(...replicaNames);
const choice = fc.nat(5);
const before = fc.constantFrom(0, 0, 0, 1, 1, 2);

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(at).map(([a]) => sessions.signIn(a)),
  fc.record({ a: at, session: choice, before }).map(({ a, ...which }) => sessions.renew(a, which)),
  fc.record({ a: at, session: choice, before }).map(({ a, ...which }) => sessions.renew(a, which)),
  fc
    .record({ a: at, session: choice, before, failure: fc.constantFrom(...sessions.failures) })
    .map(({ a, ...which }) => sessions.renewInVain(a, which)),
  fc
    .record({ a: at, session: choice, rival: fc.constantFrom(...sessions.rivals) })
    .map(({ a, ...which }) => sessions.race(a, which)),
  fc.tuple(at, choice).map(([a, n]) => accounts.setRolesOf(a, n)),
  fc.tuple(at).map(([a]) => accounts.disable(a)),
  fc.tuple(at).map(([a]) => accounts.enable(a)),
  fc.tuple(at, choice).map(([a, n]) => accounts.newPassword(a, n)),
  fc.tuple(at, choice).map(([a, n]) => accounts.newPassword(a, n)),
  fc.tuple(at, choice).map(([a, n]) => accounts.leave(a, n)),
  fc.tuple(at).map(([a]) => accounts.leaveEverywhere(a)),
  choice.map((n) => accounts.demoteEachOther(n)),
  fc.tuple(at, choice).map(([a, n]) => accounts.changeAdministrator(a, n)),
  fc.tuple(at, choice).map(([a, n]) => tokens.exchange(a, n)),
  fc.tuple(at, choice).map(([a, n]) => tokens.exchange(a, n)),
  fc.tuple(at).map(([a]) => tokens.serviceToken(a)),
  fc.tuple(at, choice).map(([a, n]) => tokens.revokeToken(a, n)),
  fc.tuple(at).map(([a]) => tokens.closeService(a)),
  fc.tuple(at).map(([a]) => tokens.openService(a)),
  fc.tuple(at).map(([a]) => bus.heartbeat(a)),
  fc.integer({ min: 1, max: 3 }).map((n) => bus.lose(n)),
  fc.constant(null).map(() => bus.delay()),
  fc.constantFrom("as published", "reversed", "doubled").map((order) => bus.arrive(order)),
  fc.constantFrom(...forgeries).map((kind) => bus.forge(kind)),
  fc.tuple(at, choice).map(([a, n]) => bus.suppress(a, n)),
  fc.boolean().map((isDown) => bus.setBusDown(isDown)),
  fc.constant(null).map(() => bus.purge()),
  fc.boolean().map((isReachable) => bus.reach(isReachable)),
  fc.nat(1).map((index) => bus.restart(index)),
  fc.constantFrom(1, 4, 8, 12, 22).map((seconds) => bus.pass(seconds)),
  fc.constantFrom(30, -30).map((minutes) => bus.moveWallClock(minutes)),
  at.map((a) => bus.settled(a)),
];

/**
 * Runs sequences of steps at a platform, each beginning with a new user, until one makes the platform differ from the
 * model. The same seed makes the same sequences.
 */
export async function runModel(platform: Platform, exploration: Exploration): Promise<Explored> {
  const { seed, runs, path, limitMs, shortens = true } = exploration;
  const all = fc.commands(commands, { maxCommands: mostSteps, size: "max" });
  const property = fc.asyncProperty(fc.constantFrom(...offsets), all, async (apart, steps) => {
    platform.setOffsets(apart);
    const world = await openWorld(platform);
    try {
      await fc.asyncModelRun(() => ({ model: world, real: world }), steps);
      await bus.settle(world, "b");
    } finally {
      await world.close();
    }
  });
  const limit = limitMs === undefined ? {} : { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false };
  const begin = path === undefined ? {} : { path };
  const details = await fc.check(property, { seed, numRuns: runs, endOnFailure: !shortens, ...begin, ...limit });
  if (!details.failed) return { runs: details.numRuns, counterexample: null };
  const { errorInstance: error } = details;
  const report = await fc.asyncDefaultReportMessage(details);
  const violated = error instanceof Violation ? error.invariant : "no error";
  return { runs: details.numRuns, counterexample: { violated, report: report ?? String(error) } };
}
