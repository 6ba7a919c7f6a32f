import type { ServiceName } from "@countersign/access";
import {
  type Circuit,
  type Circuits,
  createCircuits,
  createExchangedTokens,
  createServiceCalls,
  createServiceStreams,
  createServiceTokens,
  type ExchangedTokens,
  guardFetch,
  ServiceCallError,
  type ServiceCalls,
  type ServiceStreams,
  type SigningKey,
} from "@countersign/client/service";
import type { Log } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { z } from "zod";
import { type Chassis, type ChassisDeps, createChassis } from "./chassis.ts";
import { createTrust, type TrustDeps } from "./trust.ts";

/** Who a service is to the others, and where they are. */
export type ReachDeps = {
  readonly service: ServiceName;
  /** The issuer of tokens, which is the public origin. */
  readonly issuer: string;
  /** Where each service is reached, `auth` among them. */
  readonly origins: Readonly<Record<ServiceName, string>>;
  /** The private key with which this service proves itself to auth. */
  readonly privateKey: SigningKey;
  readonly log: Log;
  readonly now: () => number;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
};

/** How a service reaches the others, proved by its own tokens and, for a user, by the user's. */
export type Reach = {
  readonly call: ServiceCalls;
  readonly streams: ServiceStreams;
  readonly exchanged: Pick<ExchangedTokens, "forget" | "size">;
  readonly circuits: Pick<Circuits, "states">;
};

export type ConnectDeps = ReachDeps &
  TrustDeps & {
    readonly bus: EventBus;
    /** Made here unless the bus needed it already. */
    readonly reach?: Reach;
    readonly trustedProxies: readonly string[];
    /** Where limits are counted, and of which sizes; in this process, as they are declared, unless told. */
    readonly limits?: ChassisDeps["limits"];
  };

/** Calls and streams with the tokens that auth gives this service for its own key, and for the tokens of users. */
export function createReach(deps: ReachDeps): Reach {
  const { service, issuer, origins, fetch, now, log } = deps;
  const circuits = createCircuits({
    onChange: (callee, state) => log.warn({ callee, circuit: state }, "The circuit to another service changed."),
  });
  const requester = {
    service,
    tokenEndpoint: new URL("/oauth/token", origins.auth),
    issuer,
    key: deps.privateKey,
    fetch: guardFetch(circuits, "auth", fetch),
    now,
  };
  const tokens = createServiceTokens({
    ...requester,
    onFailure: (callee, error) => log.warn({ callee, reason: error.code }, "A service token could not be had."),
  });
  const exchanged = createExchangedTokens({
    ...requester,
    onFailure: ({ callee, userId, error }) =>
      log.warn({ callee, userId, reason: error.code, err: error }, "A user's token could not be exchanged."),
  });
  const call = createServiceCalls({ caller: service, origins, tokens, exchanged, circuits, fetch, now });
  return { call: logged(call, log), streams: createServiceStreams({ origins, tokens, fetch }), exchanged, circuits };
}

/** Whoever asked hears no more than the name of the callee: why it could not be had is for the log. */
function logged(call: ServiceCalls, log: Log): ServiceCalls {
  return (outgoing) =>
    call(outgoing).catch((error: unknown) => {
      if (error instanceof ServiceCallError && error.code === "SERVICE_UNAVAILABLE") {
        const { callee, path, requestId } = outgoing;
        log.warn({ callee, procedure: path, requestId, err: error.cause }, "A call of another service failed.");
      }
      throw error;
    });
}

/**
 * The chassis of a service that trusts auth: it verifies with auth's published keys, proves itself to auth with its
 * own, and calls others with the tokens that auth gives it.
 */
export function connectChassis(deps: ConnectDeps): Chassis {
  const { call, exchanged, circuits } = deps.reach ?? createReach(deps);
  const isLive: ChassisDeps["isLive"] = async (sessionId, { requestId, trace, deadline, isRepeat }) => {
    const follows = { requestId, trace, deadline, isRepeat };
    return liveness.parse(await call({ callee: "auth", path: "sessions.isLive", input: { sessionId }, ...follows }))
      .live;
  };
  const chassis = createChassis({ ...deps, ...createTrust(deps), call, isLive });
  chassis.onRevoked(exchanged.forget);
  chassis.metrics.watch(
    "countersign_exchanged_subjects",
    "Users' tokens that are kept with what they were exchanged for.",
    () => exchanged.size(),
  );
  chassis.metrics.watchEach(
    "countersign_circuit_open",
    "1 while calls to a service fail at once, 0.5 while one is let through.",
    {
      label: "callee",
      read: () =>
        Object.fromEntries(Object.entries(circuits.states()).map(([callee, state]) => [callee, openness[state]])),
    },
  );
  return chassis;
}

const openness: Readonly<Record<Circuit, number>> = { closed: 0, "half-open": 0.5, open: 1 };

const liveness = z.object({ live: z.boolean() });
