import { Refusal } from "@countersign/context";
import type { Taken } from "@countersign/service";

/** Does the work of an attempt, which counts only if it ends in a refusal with this code: success and failures of ours do not. */
export async function countRefusals<Result>(
  taken: Taken,
  counted: "UNAUTHORIZED" | "FORBIDDEN",
  work: () => Promise<Result>,
): Promise<Result> {
  let counts = false;
  try {
    return await work();
  } catch (error) {
    counts = error instanceof Refusal && error.code === counted;
    throw error;
  } finally {
    if (!counts) await taken.giveBack();
  }
}
