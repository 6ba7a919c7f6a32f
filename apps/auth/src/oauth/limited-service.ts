import type { ServiceName } from "@countersign/access";
import type { Refusal } from "@countersign/context";
import { type Taken, tooMany } from "@countersign/service";
import type { AccessClaims } from "@countersign/tokens";
import type { AuditAction } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";

/** Counts a token that a service is about to get, by the service, and by the user for whom it acts. */
export async function takeGrant({ limits }: AuthDeps, service: ServiceName, claims: AccessClaims): Promise<Taken> {
  if (claims.class === "service") return await limits.serviceToken(service);
  return await limits.exchange(service, claims.subject);
}

/** What a service may not do so often. */
export type Limited = { readonly service: ServiceName; readonly action: AuditAction; readonly from: Requester };

/**
 * The refusal of what a service does more often than its limit. It is counted in the audit log, by the minute, and by the
 * service alone: the user for whom it acts is not to blame.
 */
export function limitedService(deps: AuthDeps, { quota }: Taken, { service, action, from }: Limited): Refusal {
  const { requestId, address } = from;
  deps.denied({ procedure: action, reason: "rate_limited", userId: null, service, requestId, address });
  return tooMany(quota);
}
