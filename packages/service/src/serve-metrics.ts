import type { Log } from "@countersign/context";
import type { Metrics } from "./metrics.ts";
import { type Served, serve } from "./serve.ts";

export type MetricsListener = { readonly port: number; readonly hostname: string; readonly log: Log };

/**
 * Answers `/metrics` on a port of its own, and nothing else: for the gateway, whose own port is the public one.
 *
 * @throws ListenError as `serve` does
 */
export function serveMetrics(metrics: Metrics, { port, hostname, log }: MetricsListener): Promise<Served> {
  const answer = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname !== "/metrics" || request.method !== "GET") {
      return new Response(null, { status: 404 });
    }
    const { body, contentType } = await metrics.read();
    return new Response(body, { headers: { "content-type": contentType, "cache-control": "no-store" } });
  };
  return serve(answer, { port, hostname, portSetting: "METRICS_PORT", log, drainMs: 500 });
}
