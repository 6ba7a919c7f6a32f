import { and, gt, isNull, type Param, type SQL } from "drizzle-orm";
import { sessions } from "../schema.ts";

/** The condition that a session has not ended and is within both of its lives at this moment. */
export function isRunning(moment: Date | Param): SQL | undefined {
  return and(isNull(sessions.endedAt), gt(sessions.idleExpiresAt, moment), gt(sessions.absoluteExpiresAt, moment));
}
