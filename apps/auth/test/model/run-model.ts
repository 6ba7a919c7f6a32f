import fc from "fast-check";
import { settle } from "./bus-commands.ts";
import type { Command } from "./command.ts";
import type { Platform, ReplicaName } from "./platform.ts";
import { sequences } from "./steps.ts";
import { type Invariant, Violation } from "./violation.ts";
import { openWorld } from "./world.ts";

export type Exploration = {
  readonly seed: number;
  readonly runs: number;
  /** Where a counterexample is, as it says itself. */
  readonly place?: Place;
  /** Milliseconds for finding one, and for making it shorter; without an end by default. */
  readonly limitMs?: { readonly find: number; readonly shorten: number };
};

/** Where in the tree of a seed a counterexample was found, and which of its steps were done. */
type Place = { readonly path: string; readonly replayPath: string };

/** What came of an exploration. */
export type Explored = {
  readonly runs: number;
  /** Null when the platform did as the model says. */
  readonly counterexample: Counterexample | null;
};

export type Counterexample = {
  readonly violated: Invariant | "no error";
  /** What the platform did. */
  readonly message: string;
  /** By how much the clocks of the replicas are off, in milliseconds. */
  readonly clocks: Clocks;
  /** The steps that led to it, in order. */
  readonly steps: readonly string[];
  readonly place: Place;
};

type Clocks = Readonly<Record<ReplicaName, number>>;

/** The clocks of the replicas: alike, or apart as far as is tolerated. */
const clocks: readonly Clocks[] = [
  { a: 0, b: 0 },
  { a: 0, b: 5_000 },
  { a: 0, b: -5_000 },
  { a: 3_000, b: 0 },
  { a: -2_000, b: 2_500 },
];

/**
 * Runs sequences of steps at a platform, each beginning with a new user, until one makes the platform differ from the
 * model; that one is then made as short as it goes. The same seed makes the same sequences.
 */
export async function runModel(platform: Platform, exploration: Exploration): Promise<Explored> {
  const { limitMs, ...where } = exploration;
  const found = await check(platform, { ...where, limitMs: limitMs?.find });
  if (found.counterexample === null || exploration.place !== undefined) return found;
  const { place } = found.counterexample;
  const again = { ...where, place, runs: 1, limitMs: limitMs?.shorten, shortens: true };
  for (let tries = 0; tries < triesToShorten; tries += 1) {
    const { counterexample } = await check(platform, again);
    if (counterexample !== null) return { runs: found.runs, counterexample };
  }
  return found;
}

/** Steps that race may come out otherwise the next time. */
const triesToShorten = 3;

type Check = Omit<Exploration, "limitMs"> & { readonly limitMs: number | undefined; readonly shortens?: boolean };

async function check(platform: Platform, { seed, runs, place, limitMs, shortens = false }: Check): Promise<Explored> {
  const last: { failure: Failure | null } = { failure: null };
  const all = fc.tuple(fc.constantFrom(...clocks), sequences(place?.replayPath));
  const property = fc.asyncProperty(all, async ([apart, steps]) => {
    const failure = await runSteps(platform, apart, steps);
    if (failure === null) return;
    last.failure = failure;
    throw new Error(failure.message);
  });
  const limit = limitMs === undefined ? {} : { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false };
  const begin = place === undefined ? {} : { path: place.path };
  const details = await fc.check(property, { seed, numRuns: runs, endOnFailure: !shortens, ...begin, ...limit });
  const { numRuns, counterexample, counterexamplePath: path } = details;
  if (!details.failed) return { runs: numRuns, counterexample: null };
  if (last.failure === null || path === null) throw details.errorInstance;
  const [, replayPath = ""] = /replayPath="([^"]*)"/.exec(fc.stringify(counterexample)) ?? [];
  return { runs: numRuns, counterexample: { ...last.failure, place: { path, replayPath } } };
}

type Failure = Omit<Counterexample, "place">;

/** Null when the platform did as the model says, and at the end settled. */
async function runSteps(platform: Platform, apart: Clocks, steps: Iterable<Command>): Promise<Failure | null> {
  platform.setOffsets(apart);
  const world = await openWorld(platform);
  try {
    await fc.asyncModelRun(() => ({ model: world, real: world }), steps);
    await settle(world, "b");
    return null;
  } catch (error) {
    const violated = error instanceof Violation ? error.invariant : "no error";
    return { violated, message: String(error), clocks: apart, steps: world.steps };
  } finally {
    await world.close();
  }
}
