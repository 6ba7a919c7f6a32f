import type { ServiceName } from "@countersign/access";
import { createServiceCalls, createServiceTokens, type SigningKey } from "@countersign/client/service";
import { createRemoteKeySet, type Log } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { z } from "zod";
import { type Chassis, type ChassisDeps, createChassis } from "./chassis.ts";

export type ConnectDeps = {
  readonly service: ServiceName;
  /** The issuer of tokens, which is the public origin. */
  readonly issuer: string;
  readonly algorithms: ChassisDeps["algorithms"];
  /** Where each service is reached, `auth` among them. */
  readonly origins: Readonly<Record<ServiceName, string>>;
  /** The private key with which this service proves itself to auth. */
  readonly privateKey: SigningKey;
  readonly bus: EventBus;
  readonly trustedProxies: readonly string[];
  readonly log: Log;
  readonly now: () => number;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
};

/**
 * The chassis of a service that trusts auth: it verifies with auth's published keys, proves itself to auth with its
 * own, and calls others with the tokens that auth gives it.
 */
export function connectChassis(deps: ConnectDeps): Chassis {
  const { service, issuer, origins, fetch, now, log } = deps;
  const keys = createRemoteKeySet({ url: `${origins.auth}/.well-known/jwks.json`, fetch, now });
  const tokens = createServiceTokens({
    service,
    tokenEndpoint: new URL("/oauth/token", origins.auth),
    issuer,
    key: deps.privateKey,
    fetch,
    now,
    onFailure: (callee, error) => log.warn({ callee, reason: error.code }, "A service token could not be had."),
  });
  const call = createServiceCalls({ caller: service, origins, tokens, fetch, now });
  const isLive = async (sessionId: string) =>
    liveness.parse(
      await call({ callee: "auth", path: "sessions.isLive", input: { sessionId }, requestId: crypto.randomUUID() }),
    ).live;
  const checks = { keys: () => keys.load().then(() => undefined) };
  return createChassis({ ...deps, keys, call, isLive, checks });
}

const liveness = z.object({ live: z.boolean() });
