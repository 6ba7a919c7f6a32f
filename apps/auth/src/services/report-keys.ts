import type { ClientName } from "@countersign/access";
import type { Database } from "@countersign/database";
import type { PublicJwk } from "@countersign/tokens";
import { and, eq, gt, isNull, or } from "drizzle-orm";
import { serviceClients, serviceKeys } from "../schema.ts";

/** A key that reports of a service may be signed with. */
export type ReportKey = {
  readonly publicJwk: PublicJwk;
  /** When it was retired, in epoch milliseconds; null while it is in use. What is dated later does not count. */
  readonly retiredAt: number | null;
};

/** As long as the bus keeps a report that was signed before its key was retired, in milliseconds. */
const heldFor = 20 * 60_000;

/**
 * The keys of a service that its reports of refusals are verified with: those in use, and those that were retired so
 * recently that a report signed before may still be on the bus. None for a service that is unknown or disabled.
 */
export async function readReportKeys(db: Database, service: ClientName, now: number): Promise<readonly ReportKey[]> {
  const counts = or(isNull(serviceKeys.disabledAt), gt(serviceKeys.disabledAt, new Date(now - heldFor)));
  const rows = await db
    .select({ publicJwk: serviceKeys.publicJwk, retiredAt: serviceKeys.disabledAt })
    .from(serviceKeys)
    .innerJoin(serviceClients, eq(serviceClients.name, serviceKeys.service))
    .where(and(eq(serviceClients.name, service), isNull(serviceClients.disabledAt), counts));
  return rows.map(({ publicJwk, retiredAt }) => ({ publicJwk, retiredAt: retiredAt?.getTime() ?? null }));
}
