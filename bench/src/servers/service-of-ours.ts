import type { RevocationSource, TokenCheck } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { type Chassis, createChassis, createLog } from "@countersign/service";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import { issuer } from "./identity.ts";

export type ServiceOfOurs = {
  readonly service?: "orders" | "inventory";
  readonly algorithm: AsymmetricAlgorithm;
  readonly check: TokenCheck;
  readonly source: RevocationSource;
  readonly bus: EventBus;
};

/** The chassis of a service that calls no other one and logs nothing. */
export function createServiceOfOurs({ service = "orders", algorithm, ...trust }: ServiceOfOurs): Chassis {
  return createChassis({
    ...trust,
    service,
    issuer,
    algorithms: [algorithm],
    key: undefined, // its refusals are not reported
    call: () => Promise.reject(new Error("This service calls no other one.")),
    isLive: () => Promise.resolve(true),
    trustedProxies: [],
    log: createLog({ service, level: "silent" }),
    now: Date.now,
  });
}
