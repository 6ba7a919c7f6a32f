import { z } from "zod";

const seconds = (most: number) =>
  z.coerce
    .number("is a number of seconds")
    .int("is a whole number of seconds")
    .min(10, "is 10 seconds or more: clients ask again within 8")
    .max(most, `is ${most} seconds or less: a stolen token is not noticed within it`);

/** Variables on sessions, for the schema of whoever runs auth. */
export const sessionSettings = {
  MAX_SESSIONS_PER_USER: z.coerce
    .number("is a whole number, 1 or more")
    .int("is a whole number, 1 or more")
    .min(1, "is a whole number, 1 or more")
    .default(100),
  /** How long a refresh token that was used gives its successor again, to clients with cookies. */
  REFRESH_GRACE_SECONDS: seconds(60).default(10),
  /** The same for clients that hold their tokens themselves. */
  REFRESH_GRACE_BEARER_SECONDS: seconds(300).default(10),
};

/** What the settings say of the lives of a session. */
export function sessionLifeOf(settings: {
  readonly REFRESH_GRACE_SECONDS: number;
  readonly REFRESH_GRACE_BEARER_SECONDS: number;
}): { grace: number; bearerGrace: number } {
  return {
    grace: settings.REFRESH_GRACE_SECONDS * 1000,
    bearerGrace: settings.REFRESH_GRACE_BEARER_SECONDS * 1000,
  };
}
