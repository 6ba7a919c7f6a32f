import { createAttemptGate } from "./attempt-gate.ts";
import { BoundedSet } from "./bounded-set.ts";
import { TokenError } from "./errors.ts";
import { type FetchKeySet, fetchKeySet } from "./fetch-key-set.ts";
import type { Algorithm } from "./jwk.ts";
import { KeySetError, type KeySetFailure } from "./key-set-error.ts";
import { type KeySetLimits, readKeySetLimits } from "./key-set-limits.ts";
import type { KeySource } from "./key-source.ts";
import type { VerificationKey } from "./verification-key.ts";

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

/**
 * The keys of an issuer elsewhere.
 *
 * - A key that is held is given at once, without a promise, whatever else goes on; a set that is due again is fetched
 *   behind the caller's back. A set is served for an hour after it was had, then no more.
 * - One attempt at a time, and 30 seconds from the start of one to the start of the next. Exempt are the cold start (a
 *   second between attempts until the first success), the one attempt after it, and the one after a revocation: a key
 *   that signs as soon as it is published is then found at once.
 * - A kid that the issuer did not know stays unknown until the set is due again. Within the 30 seconds any other is
 *   `unknown_key` after a good answer, and `keys_unavailable` after a failed attempt, for then nobody knows.
 *
 * @throws TypeError when the URL is not one of http or https; RangeError for limits that make no sense
 */
export function createRemoteKeySet(options: RemoteKeySetOptions): RemoteKeySet {
  const { protocol, href } = new URL(options.url);
  if (protocol !== "https:" && protocol !== "http:") throw new TypeError("The JWKS URL must be one of http or https.");
  return new RemoteKeys({ ...options, url: href }, readKeySetLimits(options.limits ?? {}));
}

class RemoteKeys implements RemoteKeySet {
  readonly #options: RemoteKeySetOptions;
  readonly #limits: KeySetLimits;
  readonly #gate = createAttemptGate();
  readonly #revoked = new Set<string>();
  readonly #unknown: BoundedSet;
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #fetchedAt: number | undefined;
  #inFlight: Promise<void> | undefined;
  #failure: KeySetError | undefined;
  #attempts = 0;

  constructor(options: RemoteKeySetOptions, limits: KeySetLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#unknown = new BoundedSet(limits.maxUnknownKids);
  }

  find(kid: string, algorithm: Algorithm): VerificationKey | Promise<VerificationKey> {
    if (this.#revoked.has(kid)) throw new TokenError("revoked_key");
    const now = this.#options.now();
    const age = this.#ageAt(now);
    const served = age < this.#limits.staleMs;
    if (served && (this.#keys.has(kid) || this.#unknown.has(kid))) {
      if (age >= this.#limits.refreshMs) this.#refreshBehind(now);
      return this.#pick(kid, algorithm);
    }
    if (!this.#mayRefresh(now)) throw this.#refusal(served);
    return this.#refresh(now).then(() => this.#pick(kid, algorithm));
  }

  revoke(kid: string): void {
    this.#revoked.add(kid);
    this.#keys = without(this.#keys, this.#revoked);
    this.#unknown.clear(); // the key that takes over may have been asked for too early
    this.#gate.open();
  }

  async load(): Promise<void> {
    const now = this.#options.now();
    if (this.#ageAt(now) < this.#limits.staleMs) return;
    if (!this.#mayRefresh(now)) throw this.#refusal(false);
    await this.#refresh(now);
  }

  state(): KeySetState {
    const age = this.#ageAt(this.#options.now());
    const old = age < this.#limits.staleMs ? "stale" : "expired";
    const known = age < this.#limits.refreshMs ? "fresh" : old;
    return {
      status: this.#fetchedAt === undefined ? "empty" : known,
      kids: [...this.#keys.keys()],
      fetchedAt: this.#fetchedAt,
      attemptedAt: this.#gate.lastStart(),
      attempts: this.#attempts,
      failure: this.#failure?.failure,
      unknownKids: this.#unknown.size,
    };
  }

  /** A clock that was set far back makes a set as doubtful as one that was set forward. */
  #ageAt(now: number): number {
    return this.#fetchedAt === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - this.#fetchedAt);
  }

  #pick(kid: string, algorithm: Algorithm): VerificationKey {
    if (this.#revoked.has(kid)) throw new TokenError("revoked_key");
    const key = this.#keys.get(kid);
    if (key === undefined) {
      this.#unknown.add(kid);
      throw new TokenError("unknown_key");
    }
    if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
    return key;
  }

  #refusal(served: boolean): TokenError {
    if (served && this.#failure === undefined) return new TokenError("unknown_key");
    return new TokenError("keys_unavailable", { cause: this.#failure });
  }

  #mayRefresh(now: number): boolean {
    return this.#inFlight !== undefined || this.#gate.mayStart(now);
  }

  #refreshBehind(now: number): void {
    if (this.#inFlight !== undefined || !this.#gate.mayStart(now)) return;
    this.#refresh(now).catch(() => undefined); // the failure stays in the state; whoever needs an answer asks for one
  }

  #refresh(now: number): Promise<void> {
    this.#inFlight ??= this.#attempt(now).finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  async #attempt(now: number): Promise<void> {
    const cold = this.#fetchedAt === undefined;
    this.#gate.start(now, cold ? this.#limits.coldFloorMs : this.#limits.floorMs);
    this.#attempts += 1;
    try {
      const { url, fetch } = this.#options;
      const { timeoutMs, maxBytes } = this.#limits;
      this.#keys = without(await fetchKeySet({ url, fetch, timeoutMs, maxBytes }), this.#revoked);
    } catch (cause) {
      if (cause instanceof KeySetError) this.#failure = cause;
      throw new TokenError("keys_unavailable", { cause });
    }
    this.#fetchedAt = now;
    this.#failure = undefined;
    if (cold) this.#gate.open();
  }
}

function without(
  keys: ReadonlyMap<string, VerificationKey>,
  revoked: ReadonlySet<string>,
): ReadonlyMap<string, VerificationKey> {
  return new Map([...keys].filter(([kid]) => !revoked.has(kid)));
}
