import { Attempts } from "./attempts.ts";
import { BoundedSet } from "./bounded-set.ts";
import { TokenError } from "./errors.ts";
import { fetchKeySet } from "./fetch-key-set.ts";
import type { Algorithm } from "./jwk.ts";
import type { KeySetLimits } from "./key-set-limits.ts";
import type { KeySetState, RemoteKeySet, RemoteKeySetOptions } from "./remote-key-set-types.ts";
import type { VerificationKey } from "./verification-key.ts";

type KeyMap = ReadonlyMap<string, VerificationKey>;

/** What `createRemoteKeySet` makes; see there for what it promises. A set is only ever replaced whole. */
export class RemoteKeys implements RemoteKeySet {
  readonly #options: RemoteKeySetOptions;
  readonly #limits: KeySetLimits;
  readonly #attempts = new Attempts((now) => this.#fetch(now));
  readonly #revoked = new Set<string>();
  readonly #unknown: BoundedSet;
  #keys: KeyMap = new Map();
  #fetchedAt: number | undefined;

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
      if (age >= this.#limits.refreshMs) this.#attempts.nudge(now, this.#pauseMs());
      return this.#pick(kid, algorithm);
    }
    if (this.#attempts.mayJoin(now)) {
      return this.#attempts.join(now, this.#pauseMs()).then(() => this.#pick(kid, algorithm));
    }
    throw served && this.#attempts.failure === undefined ? new TokenError("unknown_key") : this.#attempts.toError();
  }

  revoke(kid: string): void {
    this.#revoked.add(kid);
    this.#keys = without(this.#keys, this.#revoked);
    this.#unknown.clear(); // the key that takes over may have been asked for too early
    this.#attempts.endPause();
  }

  async load(): Promise<void> {
    const now = this.#options.now();
    if (this.#ageAt(now) < this.#limits.staleMs) return;
    if (!this.#attempts.mayJoin(now)) throw this.#attempts.toError();
    await this.#attempts.join(now, this.#pauseMs());
  }

  state(): KeySetState {
    return {
      status: this.#status(),
      kids: [...this.#keys.keys()],
      fetchedAt: this.#fetchedAt,
      attemptedAt: this.#attempts.lastStart,
      attempts: this.#attempts.count,
      failure: this.#attempts.failure,
      unknownKids: this.#unknown.size,
    };
  }

  #status(): KeySetState["status"] {
    const age = this.#ageAt(this.#options.now());
    if (this.#fetchedAt === undefined) return "empty";
    if (age < this.#limits.refreshMs) return "fresh";
    return age < this.#limits.staleMs ? "stale" : "expired";
  }

  /** A clock that was set far back makes a set as doubtful as one that was set forward. */
  #ageAt(now: number): number {
    return this.#fetchedAt === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - this.#fetchedAt);
  }

  #pauseMs(): number {
    return this.#fetchedAt === undefined ? this.#limits.coldFloorMs : this.#limits.floorMs;
  }

  #pick(kid: string, algorithm: Algorithm): VerificationKey {
    if (this.#revoked.has(kid)) throw new TokenError("revoked_key"); // perhaps while the caller waited
    const key = this.#keys.get(kid);
    if (key === undefined) {
      this.#unknown.add(kid);
      throw new TokenError("unknown_key");
    }
    if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
    return key;
  }

  /** One attempt; what it brings replaces the set, and a failure leaves the set as it is. */
  async #fetch(now: number): Promise<void> {
    const { url, fetch } = this.#options;
    const { timeoutMs, maxBytes } = this.#limits;
    const keys = await fetchKeySet({ url, fetch, timeoutMs, maxBytes });
    if (this.#fetchedAt === undefined) this.#attempts.endPause(); // the cold start does not count
    this.#keys = without(keys, this.#revoked);
    this.#fetchedAt = now;
  }
}

function without(keys: KeyMap, revoked: ReadonlySet<string>): KeyMap {
  return new Map([...keys].filter(([kid]) => !revoked.has(kid)));
}
