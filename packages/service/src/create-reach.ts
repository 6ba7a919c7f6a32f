import { type ServiceName, services } from "@countersign/access";
import {
  type Circuits,
  createCircuits,
  createExchangedTokens,
  createIntrospection,
  createServiceCalls,
  createServiceStreams,
  createServiceTokens,
  type ExchangedTokens,
  guardFetch,
  ServiceCallError,
  type ServiceCalls,
  type ServiceStreams,
} from "@countersign/client/service";
import type { Log, RevocationSource } from "@countersign/context";
import { createCredential } from "./credential.ts";
import type { ReadinessCheck } from "./health.ts";
import { createRevocationsSince } from "./revocation-source.ts";
import type { ServiceKey } from "./service-key.ts";

/** Who a service is to the others, and where they are. */
export type ReachDeps = {
  readonly service: ServiceName;
  /** The issuer of tokens, which is the public origin. */
  readonly issuer: string;
  /** Where each service is reached, `auth` among them. */
  readonly origins: Readonly<Record<ServiceName, string>>;
  /** With which this service proves itself to auth, and signs its reports of refusals. */
  readonly key: ServiceKey;
  readonly log: Log;
  readonly now: () => number;
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
};

/** How a service reaches the others, proved by its own tokens and, for a user, by the user's. */
export type Reach = {
  readonly call: ServiceCalls;
  readonly streams: ServiceStreams;
  /** Asks auth what a token is worth; rejects when it does not say. */
  readonly introspect: (token: string) => Promise<unknown>;
  /** Asks auth for the revocations after a place in its sequence; rejects when it does not say. */
  readonly revocationsSince: NonNullable<RevocationSource["since"]>;
  /** Drops the tokens that a revocation ends or may have ended, so that the next call does not go out with one. */
  readonly forget: ExchangedTokens["forget"];
  /** The token with which this service calls auth, kept and renewed; rejects when auth gives none. `drop` forgets it. */
  readonly ownToken: { readonly token: () => Promise<string>; readonly drop: () => void };
  readonly exchanged: Pick<ExchangedTokens, "size">;
  readonly circuits: Pick<Circuits, "states">;
  /** The readiness check of this service's own credential: what auth last said of it. */
  readonly checkCredential: ReadinessCheck;
};

/** Calls and streams with the tokens that auth gives this service for its own key, and for the tokens of users. */
export function createReach(deps: ReachDeps): Reach {
  const { service, issuer, origins, fetch, now, log } = deps;
  const circuits = createCircuits({
    onChange: (callee, state) => log.warn({ callee, circuit: state }, "The circuit to another service changed."),
  });
  const client = { service, issuer, key: deps.key, fetch: guardFetch(circuits, "auth", fetch), now };
  const [anyCallee] = services[service].calls;
  const credential = createCredential(async () => (anyCallee === undefined ? null : await tokens.tokenFor(anyCallee)));
  const requester = {
    ...client,
    tokenEndpoint: new URL("/oauth/token", origins.auth),
    onAnswer: credential.hear,
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
  return {
    call: logged(call, log),
    streams: createServiceStreams({ origins, tokens, fetch }),
    introspect: createIntrospection({ ...client, introspectionEndpoint: new URL("/oauth/introspect", origins.auth) }),
    revocationsSince: createRevocationsSince(client, origins.auth),
    forget(ended) {
      exchanged.forget(ended);
      if (ended.kind === "key" || (ended.kind === "service" && ended.id === service)) tokens.drop();
    },
    ownToken: { token: () => tokens.tokenFor("auth"), drop: () => tokens.drop("auth") },
    exchanged,
    circuits,
    checkCredential: credential.check,
  };
}

/** Whoever asked hears no more than the name of what failed: why it could not be had is for the log. */
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
