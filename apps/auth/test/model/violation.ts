/** What the model holds the platform to. */
export const invariants = {
  ended: "a token whose rights have ended is refused",
  standing: "a token that should stand is accepted",
  live: "a service that says live lacks no event that it could know of",
  prompt: "a revocation that the bus brings is known at once",
  settled: "a service that has everything says live",
  ours: "a failure of ours consumes nothing",
  reuse: "a session ends by reuse only when its refresh token was used twice",
  theft: "a refresh token that was used up and came too late ends the session",
  bounded: "one change of an account is one event",
  refused: "what must be refused is refused",
  administrator: "an administrator is left",
} as const;

export type Invariant = keyof typeof invariants;

/** A difference between the model and the platform. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant} (${invariants[invariant]}): ${detail}`);
    this.invariant = invariant;
  }
}

export function hold(invariant: Invariant, holds: boolean, detail: string): void {
  if (!holds) throw new Violation(invariant, detail);
}
