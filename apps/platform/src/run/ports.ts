import { gatewayPort, serviceNames, services } from "@countersign/access";
import { ConfigurationError } from "@countersign/service";
import type { DoorNames } from "./open-doors.ts";

/** Every process of a platform, in the order of their ports. */
export const doorNames: readonly DoorNames[] = ["gateway", ...serviceNames];

/**
 * The port of each process. They move together: PORT is the gateway's, and the services keep their distance to it, so that
 * with 5000 auth has 5001. 0 asks for a free one for each.
 *
 * @throws ConfigurationError when a service would be left without a port
 */
export function portsFrom(port: number = gatewayPort): (name: DoorNames) => number {
  if (port === 0) return () => 0;
  const distance = (name: DoorNames) => (name === "gateway" ? 0 : services[name].port - gatewayPort);
  const most = 65_535 - Math.max(...doorNames.map(distance));
  if (port > most)
    throw new ConfigurationError(`PORT: is ${most} or less, since the services take the ports above it.`);
  return (name) => port + distance(name);
}
