import { codeOf } from "@countersign/client";

/** A step of the story did not go as it is told. */
class StoryError extends Error {
  override readonly name = "StoryError";
}

/**
 * Holds a call to being refused with one of these codes, and gives the code.
 *
 * @throws StoryError when it is let through or refused otherwise.
 */
export async function refused(call: () => Promise<unknown>, ...codes: readonly string[]): Promise<string> {
  const outcome = await call().then(
    () => "nothing: it was let through",
    (error: unknown) => codeOf(error) ?? (error instanceof Error ? error.message : "an unknown error"),
  );
  if (codes.includes(outcome)) return outcome;
  throw new StoryError(`expected to be refused with ${codes.join(" or ")}, and got ${outcome}`);
}

/**
 * Waits until a call is refused with this code, for a second at most: so long a revocation may travel.
 *
 * @returns the milliseconds that it took
 * @throws StoryError when the call is still let through after a second.
 */
export async function refusedWithinASecond(call: () => Promise<unknown>, code: string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const waited = performance.now() - startedAt;
    try {
      await refused(call, code);
      return Math.round(performance.now() - startedAt);
    } catch (error) {
      if (waited > 1_000 || !(error instanceof StoryError)) throw error;
    }
  }
}

/** Holds something to being true. @throws StoryError saying what is not. */
export function held(truth: boolean, otherwise: string): asserts truth {
  if (!truth) throw new StoryError(otherwise);
}
