import type { ServiceName } from "@countersign/access";
import {
  createServiceCalls,
  createServiceStreams,
  createServiceTokens,
  type ServiceCalls,
  type ServiceStreams,
  type SigningKey,
} from "@countersign/client/service";
import { checkByKeys, createInsecureSharedSecretKeySet, createRemoteKeySet, type Log } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { z } from "zod";
import { type Chassis, type ChassisDeps, createChassis } from "./chassis.ts";

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

/** How a service reaches the others, proved by its own tokens. */
export type Reach = { readonly call: ServiceCalls; readonly streams: ServiceStreams };

export type ConnectDeps = ReachDeps & {
  readonly algorithms: ChassisDeps["algorithms"];
  /** INSECURE by design: believe tokens that were signed with one of these instead of auth's keys; null for keys. */
  readonly insecureSharedSecrets?: readonly Uint8Array[] | null;
  readonly bus: EventBus;
  /** Made here unless the bus needed it already. */
  readonly reach?: Reach;
  readonly trustedProxies: readonly string[];
};

/** Calls and streams with the tokens that auth gives this service for its own key. */
export function createReach(deps: ReachDeps): Reach {
  const { service, issuer, origins, fetch, now, log } = deps;
  const tokens = createServiceTokens({
    service,
    tokenEndpoint: new URL("/oauth/token", origins.auth),
    issuer,
    key: deps.privateKey,
    fetch,
    now,
    onFailure: (callee, error) => log.warn({ callee, reason: error.code }, "A service token could not be had."),
  });
  return {
    call: createServiceCalls({ caller: service, origins, tokens, fetch, now }),
    streams: createServiceStreams({ origins, tokens, fetch }),
  };
}

/**
 * The chassis of a service that trusts auth: it verifies with auth's published keys, proves itself to auth with its
 * own, and calls others with the tokens that auth gives it.
 */
export function connectChassis(deps: ConnectDeps): Chassis {
  const { call } = deps.reach ?? createReach(deps);
  const isLive = async (sessionId: string) =>
    liveness.parse(
      await call({ callee: "auth", path: "sessions.isLive", input: { sessionId }, requestId: crypto.randomUUID() }),
    ).live;
  return createChassis({ ...deps, ...trustOf(deps), call, isLive });
}

/** What a token is verified with: auth's published keys, fetched when they are needed, unless a secret is shared. */
function trustOf(deps: ConnectDeps): Pick<ChassisDeps, "check" | "algorithms" | "checks"> {
  const { origins, fetch, now, algorithms, insecureSharedSecrets = null } = deps;
  if (insecureSharedSecrets !== null) {
    return { check: checkByKeys(createInsecureSharedSecretKeySet(insecureSharedSecrets)), algorithms: ["HS256"] };
  }
  const keys = createRemoteKeySet({ url: `${origins.auth}/.well-known/jwks.json`, fetch, now });
  return { check: checkByKeys(keys), algorithms, checks: { keys: () => keys.load().then(() => undefined) } };
}

const liveness = z.object({ live: z.boolean() });
