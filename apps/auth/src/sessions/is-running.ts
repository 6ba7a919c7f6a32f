import { and, gt, isNull, type Param, type SQL } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { sessions } from "../schema.ts";

type Moments = Readonly<Record<"endedAt" | "idleExpiresAt" | "absoluteExpiresAt", AnyPgColumn>>;

/**
 * The condition that a session has not ended and is within both of its lives at this moment.
 *
 * @param table the sessions, where the statement has another name for them
 */
export function isRunning(moment: Date | Param | SQL, table: Moments = sessions): SQL | undefined {
  return and(isNull(table.endedAt), gt(table.idleExpiresAt, moment), gt(table.absoluteExpiresAt, moment));
}
