/** The lives of a session; milliseconds. */
export type SessionLife = {
  /** Unused for this long, it ends. */
  readonly idle: number;
  /** It ends this long after the sign-in, whatever its use. */
  readonly absolute: number;
  /** For this long the token before the newest one still gives the newest one: parallel tabs and lost answers converge. */
  readonly grace: number;
};

const day = 24 * 3600 * 1000;

export const sessionLife: SessionLife = { idle: 30 * day, absolute: 90 * day, grace: 10_000 };
