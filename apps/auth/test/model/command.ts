import type { AsyncCommand } from "fast-check";
import type { ModelSession, ModelState, ModelToken } from "./state.ts";
import type { World } from "./world.ts";

/** The world is made once per run, and is both what fast-check calls the model and the real system. */
export type Command = AsyncCommand<World, World>;

/**
 * A step of a run. Its name says with what it was made, which is all that a counterexample shows.
 *
 * @param isPossible whether it can be done in this state
 */
export function command(
  name: string,
  run: (world: World) => Promise<void>,
  isPossible: (state: ModelState) => boolean = () => true,
): Command {
  return {
    check: ({ state }) => isPossible(state),
    async run(world) {
      world.steps.push(name);
      await run(world);
    },
    toString: () => name,
  };
}

/** Steps that together make a story, one after the other as far as each is possible; each is told by its own name. */
export function story(...steps: readonly Command[]): Command {
  return {
    check: () => true,
    async run(world) {
      for (const step of steps) if (step.check(world)) await step.run(world, world);
    },
    toString: () => steps.join(", then "),
  };
}

/** Numbers choose among what there is, so that a run stays possible when earlier steps are left out of it. */
export function pick<Value>(values: readonly Value[], choice: number): Value | undefined {
  return values.length === 0 ? undefined : values[choice % values.length];
}

export function pickSession({ sessions }: ModelState, choice: number): ModelSession {
  const found = pick(sessions, choice);
  if (found === undefined) throw new Error("A run begins with a session.");
  return found;
}

/** One of the newest tokens of a kind. */
export function pickToken({ tokens }: ModelState, choice: number, kind?: ModelToken["kind"]): ModelToken | undefined {
  return pick(tokens.filter((token) => kind === undefined || token.kind === kind).toReversed(), choice);
}
