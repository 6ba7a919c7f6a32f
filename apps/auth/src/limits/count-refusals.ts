import { Refusal } from "@countersign/context";
import type { Taken } from "@countersign/service";

/** Does the work of an attempt, which counts only if it ends in a refusal with one of these codes: success and failures of ours do not. */
export async function countRefusals<Result>(
  taken: Taken,
  counted: readonly Refusal["code"][],
  work: () => Promise<Result>,
): Promise<Result> {
  let counts = false;
  try {
    return await work();
  } catch (error) {
    counts = error instanceof Refusal && counted.includes(error.code);
    throw error;
  } finally {
    if (!counts) await taken.giveBack();
  }
}
