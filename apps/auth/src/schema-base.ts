import { pgSchema, timestamp } from "drizzle-orm/pg-core";

/** Everything that auth keeps. Times are written by the service's own clock, so one clock decides every life. */
export const auth = pgSchema("auth");

/** A time, to the millisecond. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
