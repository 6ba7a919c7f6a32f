import { type ServiceName, serviceNames } from "@countersign/access";
import type { Log } from "@countersign/context";
import { type Fetch, serve } from "@countersign/service";

/** A bound port whose requests are answered once somebody stands behind it. */
export type Door = {
  readonly url: string;
  /** Hands requests to an app from here on. */
  lead(fetch: Fetch): void;
  stop(): Promise<void>;
};

export type DoorNames = ServiceName | "gateway";

export type DoorOptions = {
  readonly hostname: string;
  /** The port of each; 0 asks for a free one. */
  readonly portOf: (name: DoorNames) => number;
  readonly log: Log;
};

/** In-flight requests of the gateway wait for the services, so it drains first and longest; together under ten seconds. */
const drainMs = { gateway: 6_000, service: 2_500 };

/**
 * Binds every port before anything is built on it: a port in use stops the start at once, and each service can be told
 * where the others are. Until it is led, a door answers 503.
 *
 * @throws ListenError when a port is in use; the doors that were open are closed again.
 */
export async function openDoors(options: DoorOptions): Promise<Record<DoorNames, Door>> {
  const names: readonly DoorNames[] = ["gateway", ...serviceNames];
  const opened: [DoorNames, Door][] = [];
  try {
    for (const name of names) opened.push([name, await openDoor(name, options)]);
  } catch (error) {
    await Promise.all(opened.map(([, door]) => door.stop()));
    throw error;
  }
  return Object.fromEntries(opened) as Record<DoorNames, Door>; // one for every name
}

async function openDoor(name: DoorNames, { hostname, portOf, log }: DoorOptions): Promise<Door> {
  let behind: Fetch = () => new Response("starting", { status: 503, headers: { "retry-after": "1" } });
  const drain = name === "gateway" ? drainMs.gateway : drainMs.service;
  const limits = name === "gateway" ? { connectionsPerAddress: 1_000 } : {};
  const options = { port: portOf(name), hostname, log, drainMs: drain, limits };
  const served = await serve((request, peer) => behind(request, peer), options);
  return {
    url: served.url,
    lead(fetch) {
      behind = fetch;
    },
    stop: () => served.stop(),
  };
}
