import type { ServiceName } from "@countersign/access";
import {
  type CallPort,
  createRevocations,
  createVerifier,
  type Feed,
  followRevocations,
  type Gate,
  type Log,
  type Revocation,
  type RevocationSource,
  type TokenCheck,
  toRefusal,
  type Verifier,
  type VerifierDeps,
} from "@countersign/context";
import { isUnavailable } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { type ClientAddress, createClientAddress, warnOnce } from "./client-address.ts";
import { type DenialReporter, reportDenials } from "./denials/report-denials.ts";
import type { ReadinessCheck } from "./health.ts";
import { type CallLimits, createCallLimits } from "./limits/limit-calls.ts";
import { createStreamLimits } from "./limits/limit-streams.ts";
import { createLimiter, type Limiter } from "./limits/limiter.ts";
import { createMemoryStore } from "./limits/memory-store.ts";
import { observeLimits } from "./limits/observe-limits.ts";
import type { LimitSettings } from "./limits/open-limits.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { observeCalls } from "./observe-calls.ts";
import { observeProcedures } from "./observe-procedures.ts";
import type { ServiceKey } from "./service-key.ts";
import type { Tracer } from "./tracing/tracing.ts";
import { watchIdentity } from "./watch-identity.ts";

/** What a service is made of before it has a procedure: who it is, whom it believes, what it tells operators. */
export type Chassis = {
  readonly service: ServiceName;
  /** The issuer of tokens, which is the public origin. */
  readonly issuer: string;
  readonly verifier: Verifier;
  readonly gate: Gate;
  /** The feed of revocations; closing it also publishes the refusals that are still counted. */
  readonly feed: Feed;
  readonly metrics: Metrics;
  /** Makes spans; undefined where no traces are wanted. */
  readonly tracer: Tracer | undefined;
  /** Tells of every revocation, once it is in force. */
  readonly onRevoked: (listener: (revocation: Revocation) => void) => () => void;
  /** What counts; limits of a service's own are defined here. */
  readonly limiter: Limiter;
  /** The limits that its procedures declare. */
  readonly limits: CallLimits;
  readonly clientAddress: ClientAddress;
  /** What readiness asks of it: the feed of revocations, and what else was given. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Whether the process has been told to end, which takes the service out of readiness. */
  readonly isStopping: () => boolean;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export type ChassisDeps = {
  readonly service: ServiceName;
  /** The issuer of the tokens it believes, an origin. */
  readonly issuer: string;
  readonly algorithms: VerifierDeps["algorithms"];
  /** How it finds out whether a token is good. */
  readonly check: TokenCheck;
  /** Whose revocations it takes. */
  readonly source: RevocationSource;
  /** The service's own private key, which signs its reports of refusals; without one they are lost. */
  readonly key: ServiceKey | undefined;
  readonly bus: EventBus;
  /** Carries out its calls of other services. */
  readonly call: CallPort;
  /** Asks auth whether a session still stands, for procedures with `freshness: "live"`. */
  readonly isLive: Gate["isLive"];
  /** Networks whose X-Forwarded-For is believed, in CIDR form. */
  readonly trustedProxies: readonly string[];
  /** Where limits are counted, and the sizes that operators chose; in this process, as declared, unless told. */
  readonly limits?: LimitSettings | undefined;
  /** Makes spans, where traces are wanted. */
  readonly tracer?: Tracer | undefined;
  readonly log: Log;
  readonly now: () => number;
  /** What readiness asks beside the feed, such as the keys. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>>;
  /** Whether the process has been told to end; never by default. */
  readonly isStopping?: (() => boolean) | undefined;
};

/**
 * Puts a chassis together. Follows the feed of revocations from here on, and reports on the bus what is refused, which
 * the auth service writes into its audit log; close `feed` to end both.
 */
export function createChassis(deps: ChassisDeps): Chassis {
  const { service, issuer, algorithms, check, bus, tracer, log, now } = deps;
  const metrics = createMetrics(service);
  const revocations = createRevocations({ now });
  const verifier = createVerifier({ service, issuer, algorithms, check, revocations, now });
  const feed = followRevocations({
    bus,
    source: deps.source,
    revocations,
    verifier,
    revokeKey: (kid) => check.revokeKey(kid),
    log,
    now,
  });
  const denials = reportDenials({ service, key: deps.key, issuer, bus, log, now });
  watchIdentity(metrics, { verifier, revocations, feed, denials });

  const { store = createMemoryStore(), sizes, streams: streamSizes } = deps.limits ?? {};
  const limiter = createLimiter({ store, sizes, observe: observeLimits(metrics, store), now });
  const limits = createCallLimits(service, limiter);
  const streams = createStreamLimits(streamSizes);
  metrics.watch("countersign_open_streams", "Streams of events that are open.", () => streams.open());

  const gate: Gate = {
    service,
    now,
    isLive: deps.isLive,
    call: observeCalls(deps.call, { metrics, tracer }),
    limit: limits.limit,
    openStream: streams.openStream,
    toRefusal: (error) => toRefusal(error, isUnavailable),
    ...observeProcedures({ metrics, log, tracer }),
    denied: (denial) => {
      const { service: caller, ...refused } = denial; // a line's own `service` is the one that writes it
      log.info({ ...refused, caller }, "A call was refused.");
      denials.report(denial);
    },
  };
  const warn = warnOnce(log);
  // the gateway says `unknown` for a client that its own proxy does not name, and has logged it
  const clientAddress = createClientAddress(deps.trustedProxies, (problem) => problem !== "unknown" && warn(problem));
  const checks = { ...deps.checks, revocations: () => (feed.state() === "live" ? undefined : feed.state()) };
  return {
    service,
    issuer,
    verifier,
    gate,
    onRevoked: (listener) => revocations.onApplied(listener),
    feed: withReports(feed, denials),
    metrics,
    tracer,
    limiter,
    limits,
    clientAddress,
    checks,
    isStopping: deps.isStopping ?? (() => false),
    log,
    now,
  };
}

/** Whoever ends a service closes its feed, while the bus is still open: the time to publish what was counted. */
function withReports(feed: Feed, denials: DenialReporter): Feed {
  return {
    ...feed,
    async close() {
      await denials.close();
      await feed.close();
    },
  };
}
