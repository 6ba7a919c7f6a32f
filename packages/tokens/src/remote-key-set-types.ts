import type { FetchKeySet } from "./fetch-key-set.ts";
import type { KeySetFailure } from "./key-set-error.ts";
import type { KeySetLimits } from "./key-set-limits.ts";
import type { KeySource } from "./key-source.ts";

/** What a remote key set works with. */
export type RemoteKeySetOptions = {
  /** The issuer's JWKS (RFC 8414 §2 `jwks_uri`). */
  url: string;
  fetch: FetchKeySet;
  /** The clock, in milliseconds since the epoch. */
  now: () => number;
  limits?: Partial<KeySetLimits>;
};

/** How a remote key set stands, for readiness and metrics. Times in milliseconds since the epoch. */
export type KeySetState = {
  /** `empty` and `expired` verify nothing; `stale` verifies with a set that is due to be fetched again. */
  status: "empty" | "fresh" | "stale" | "expired";
  kids: readonly string[];
  fetchedAt: number | undefined;
  attemptedAt: number | undefined;
  attempts: number;
  /** Why the last attempt failed, if it did. */
  failure: KeySetFailure | undefined;
  /** How many kids are remembered as unknown. */
  unknownKids: number;
};

export type RemoteKeySet = KeySource & {
  /** Drops a key at once, and for good: no later answer of the issuer brings it back. */
  revoke(kid: string): void;
  /**
   * Makes sure that keys are held, for readiness: fetches them when there are none or they are too old to serve.
   *
   * @throws TokenError `keys_unavailable`
   */
  load(): Promise<void>;
  state(): KeySetState;
};
