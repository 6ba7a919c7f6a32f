import { type Runtime, startChild } from "../harness/child.ts";
import { interleave, type Rounds } from "../harness/interleave.ts";

export const verifiers = ["ours", "jose", "bare"] as const;
export const algorithms = ["RS256", "ES256", "EdDSA"] as const;

/** Microseconds of CPU per token, by `<algorithm> <verifier>`, round by round; inside one process, without HTTP. */
export async function measureVerification(runtime: Runtime, plan: Rounds): Promise<Map<string, number[]>> {
  const child = await startChild(runtime, "verification");
  const blocks = algorithms.flatMap((algorithm) =>
    verifiers.map((by) => ({
      name: `${algorithm} ${by}`,
      measure: (calls: number) => child.call<number>("measure", { algorithm, by, calls }),
    })),
  );
  try {
    return await interleave(blocks, { ...plan, milliseconds: 100, warmUp: 300 });
  } finally {
    await child.stop();
  }
}
