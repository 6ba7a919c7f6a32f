import { type ServiceName, serviceNames } from "@countersign/access";
import type { Log } from "@countersign/context";
import { type Answering, type Fetch, type Served, type ServeOptions, serve, serveAnswers } from "@countersign/service";

/** A bound port whose requests are answered once somebody stands behind it. */
export type Door<App> = {
  readonly url: string;
  /** Hands requests to an app from here on. */
  lead(app: App): void;
  readonly announceStop: () => void;
  stop(): Promise<void>;
};

/** One for each service, and the public one. */
export type Doors = Readonly<Record<ServiceName, Door<Fetch>>> & { readonly gateway: Door<Answering> };

export type DoorNames = keyof Doors;

export type DoorOptions = {
  /** The address of the gateway; the services are reached on this machine alone. */
  readonly hostname: string;
  /** How many connections at once one address may have at the gateway; 1,000 by default. */
  readonly connectionsPerAddress?: number | undefined;
  /** Whether a peer of the gateway is a proxy, which may have any number; none by default. */
  readonly isProxy?: ServeOptions["isProxy"];
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
export async function openDoors({ hostname, portOf, log, ...limits }: DoorOptions): Promise<Doors> {
  const optionsOf = (name: ServiceName) => ({ port: portOf(name), hostname: "127.0.0.1", log });
  const opened: { stop(): Promise<void> }[] = [];
  const kept = <App>(door: Door<App>): Door<App> => {
    opened.push(door);
    return door;
  };
  try {
    const gateway = kept(await openGatewayDoor({ port: portOf("gateway"), hostname, log }, limits));
    const services: [ServiceName, Door<Fetch>][] = [];
    for (const name of serviceNames) services.push([name, kept(await openServiceDoor(optionsOf(name)))]);
    return { ...(Object.fromEntries(services) as Record<ServiceName, Door<Fetch>>), gateway }; // one for every name
  } catch (error) {
    await Promise.all(opened.map((door) => door.stop()));
    throw error;
  }
}

function openServiceDoor(options: ServeOptions): Promise<Door<Fetch>> {
  const starting: Fetch = () => new Response("starting", { status: 503, headers: { "retry-after": "1" } });
  const own = { ...options, drainMs: drainMs.service };
  return openDoor(starting, (behind) => serve((request, peer) => behind()(request, peer), own));
}

type GatewayLimits = Pick<DoorOptions, "connectionsPerAddress" | "isProxy">;

function openGatewayDoor(
  options: ServeOptions,
  { connectionsPerAddress = 1_000, isProxy }: GatewayLimits,
): Promise<Door<Answering>> {
  const starting: Answering = async () => ({ status: 503, headers: new Map([["retry-after", "1"]]), body: "starting" });
  const own = { ...options, drainMs: drainMs.gateway, limits: { connectionsPerAddress }, isProxy };
  return openDoor(starting, (behind) => serveAnswers((asked) => behind()(asked), own));
}

/** @param listen is given whoever stands behind the door at each moment */
async function openDoor<App>(starting: App, listen: (behind: () => App) => Promise<Served>): Promise<Door<App>> {
  let behind = starting;
  const served = await listen(() => behind);
  return {
    url: served.url,
    lead(app) {
      behind = app;
    },
    announceStop: served.announceStop,
    stop: () => served.stop(),
  };
}
