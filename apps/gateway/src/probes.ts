import type { Answer } from "@countersign/service";
import { answerJson } from "./answer.ts";
import type { Health } from "./health.ts";
import type { Probe } from "./probe-paths.ts";

export type ProbeDeps = {
  readonly health: () => Promise<Health>;
  /** Whether the process has been told to end. */
  readonly isStopping: () => boolean;
};

/**
 * Answers probes. `/health/live` is 200 as long as it answers at all; `/health/ready` and `/health` are 503 when no service
 * is ready, and, at once, when the process has been told to end. While some services are not ready both stay 200: taking the
 * gateway away would take the others with them.
 */
export function createProbes({ health, isStopping }: ProbeDeps): (probe: Probe) => Promise<Answer> {
  return async (probe) => {
    if (probe === "live") return answerJson(200, { status: "live" });
    if (isStopping()) return answerJson(503, { ready: false, status: "stopping" });
    const overview = await health();
    const ready = overview.status !== "down";
    return answerJson(ready ? 200 : 503, probe === "ready" ? { ready, status: overview.status } : overview);
  };
}
