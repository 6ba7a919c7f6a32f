import { z } from "zod";

/** Variables on sessions, for the schema of whoever runs auth. */
export const sessionSettings = {
  MAX_SESSIONS_PER_USER: z.coerce
    .number("is a whole number, 1 or more")
    .int("is a whole number, 1 or more")
    .min(1, "is a whole number, 1 or more")
    .default(100),
};
