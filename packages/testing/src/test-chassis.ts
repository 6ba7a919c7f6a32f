import type { ServiceName } from "@countersign/access";
import { type CallPort, checkByKeys, type Log, Refusal, type TokenCheck } from "@countersign/context";
import { createInProcessBus, type EventBus } from "@countersign/events";
import { type Chassis, type ChassisDeps, createChassis, type ServiceKey } from "@countersign/service";
import type { TestIssuer } from "./test-issuer.ts";
import { createUnknownServiceKey } from "./test-service-key.ts";

export type TestChassisOptions = {
  readonly issuer: TestIssuer;
  /** How it finds out whether a token is good; by the issuer's keys unless told. */
  readonly check?: TokenCheck;
  /** Answers the calls of other services; without it they are all down. */
  readonly call?: CallPort;
  /** Which sessions still stand, for `freshness: "live"`; all of them unless told. */
  readonly isLive?: ChassisDeps["isLive"];
  /** Where its limits are counted; in this process, as they are declared, unless told. */
  readonly limits?: ChassisDeps["limits"];
  /** Networks whose X-Forwarded-For is believed; none unless told. */
  readonly trustedProxies?: readonly string[];
  /** Signs its reports of refusals; a key that nobody has registered by default. */
  readonly key?: ServiceKey;
  readonly bus?: EventBus;
  readonly now?: () => number;
  readonly log?: Log;
};

/** The chassis of a service that believes a test issuer; everything else is as in production. */
export function createTestChassis(service: ServiceName, options: TestChassisOptions): Chassis {
  const { issuer, now = Date.now } = options;
  return createChassis({
    service,
    issuer: issuer.issuer,
    algorithms: ["ES256"],
    check: options.check ?? checkByKeys(issuer.keys),
    source: issuer.feed.source,
    key: options.key ?? createUnknownServiceKey(),
    bus: options.bus ?? createInProcessBus({ now, retentionMs: 60_000 }),
    call:
      options.call ?? (async ({ callee }) => Promise.reject(new Refusal("SERVICE_UNAVAILABLE", `${callee} is down.`))),
    isLive: options.isLive ?? (async () => true),
    trustedProxies: options.trustedProxies ?? [],
    limits: options.limits,
    log: options.log ?? silentLog,
    now,
  });
}

/** A log that keeps nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
