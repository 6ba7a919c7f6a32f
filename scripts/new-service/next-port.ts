import { gatewayPort } from "../../packages/access/src/index.ts";

/** The port of the web app in development. */
const webPort = 4010;

/** The first port above the gateway's that nothing of ours has. */
export function nextPort(taken: readonly number[]): number {
  let port = gatewayPort + 1;
  while (port === webPort || taken.includes(port)) port += 1;
  return port;
}
