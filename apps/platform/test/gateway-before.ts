import * as gateway from "@countersign/gateway/app";
import { createTransport, serveAnswers } from "@countersign/service";
import { silentLog } from "@countersign/testing";
import type { Platform } from "../src/run/start-platform.ts";

/** One more gateway, on a free port before the services of a platform, with settings of its own. */
export async function startGatewayBefore(
  { origins, url }: Platform,
  changes: Partial<gateway.GatewayDeps>,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const transport = createTransport();
  const { forward } = transport;
  const deps = { upstreams: origins, publicOrigin: url, forward, log: silentLog, now: Date.now };
  const app = gateway.createApp({ ...deps, ...changes });
  const served = await serveAnswers(app, { port: 0, hostname: "127.0.0.1", log: silentLog });
  const stop = async () => {
    await served.stop();
    await transport.close();
  };
  return { url: served.url, stop };
}
