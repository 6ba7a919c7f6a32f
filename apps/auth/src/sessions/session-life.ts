/** The lives of a session; milliseconds. */
export type SessionLife = {
  /** Unused for this long, it ends. */
  readonly idle: number;
  /** It ends this long after the sign-in, whatever its use. */
  readonly absolute: number;
  /** For this long the token before the newest one still gives the newest one: parallel tabs and lost answers converge. */
  readonly grace: number;
  /** The same for clients that hold their tokens themselves. */
  readonly bearerGrace: number;
};

const day = 24 * 3600 * 1000;

export const sessionLife: SessionLife = { idle: 30 * day, absolute: 90 * day, grace: 10_000, bearerGrace: 10_000 };

/** The grace of a session, by how its client holds its tokens. A presentation in another mode changes nothing. */
export function graceOf(life: SessionLife, session: { readonly isBearer: boolean }): number {
  return session.isBearer ? life.bearerGrace : life.grace;
}

/** How far the clocks of two replicas may be apart, in milliseconds: as far as verifiers of tokens allow. */
export const clockTolerance = 5_000;
