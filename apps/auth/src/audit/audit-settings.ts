import { z } from "zod";

/** Variables on the audit log, for the schema of whoever runs auth. */
export const auditSettings = {
  AUDIT_RETENTION_DAYS: z.coerce
    .number("is a number of days")
    .int("is a number of days")
    .min(2, "is two days or more")
    .max(36_500, "is a hundred years or less")
    .default(400),
};
