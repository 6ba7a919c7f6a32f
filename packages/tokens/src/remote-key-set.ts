import { TokenError } from "./errors.ts";
import { fetchKeys } from "./fetch-keys.ts";
import { type KeySource } from "./key-source.ts";
import { type VerificationKey } from "./verification-key.ts";

/** What a remote key set works with. Times in milliseconds. */
export type RemoteKeySetOptions = {
  /** The issuer's JWKS (RFC 8414 `jwks_uri`). */
  url: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** The time limit of one attempt, body included; 3,000 unless told. */
  timeoutMs?: number;
};

/** How a remote key set stands, for readiness and metrics. Times in milliseconds since the epoch. */
export type KeySetState = {
  status: "empty" | "fresh" | "stale" | "expired";
  kids: readonly string[];
  fetchedAt: number | undefined;
  attemptedAt: number | undefined;
  failure: string | undefined;
};

export type RemoteKeySet = KeySource & {
  /** Drops a key now and never takes it back from a later fetch. */
  revoke(kid: string): void;
  /** Fetches the keys if none are held yet; for readiness at start. @throws TokenError `keys_unavailable` */
  load(): Promise<void>;
  state(): KeySetState;
};

/** The keys of an issuer elsewhere. First version: the whole behaviour follows. */
export function createRemoteKeySet(options: RemoteKeySetOptions): RemoteKeySet {
  let keys: ReadonlyMap<string, VerificationKey> = new Map();
  let fetchedAt: number | undefined;
  let attemptedAt: number | undefined;
  let failure: string | undefined;
  let inFlight: Promise<void> | undefined;
  const revoked = new Set<string>();

  async function attempt(): Promise<void> {
    attemptedAt = options.now();
    try {
      keys = await fetchKeys(options);
      fetchedAt = options.now();
      failure = undefined;
    } catch (cause) {
      failure = String(cause);
      throw new TokenError("keys_unavailable", { cause });
    } finally {
      inFlight = undefined;
    }
  }
  const refresh = () => (inFlight ??= attempt());
  const pick = (kid: string, algorithm: string): VerificationKey => {
    if (revoked.has(kid)) throw new TokenError("revoked_key");
    const key = keys.get(kid);
    if (key === undefined) throw new TokenError("unknown_key");
    if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
    return key;
  };
  return {
    find(kid, algorithm) {
      if (keys.has(kid) || revoked.has(kid)) return pick(kid, algorithm);
      if (fetchedAt !== undefined && options.now() - (attemptedAt ?? 0) < 30_000) return pick(kid, algorithm);
      return refresh().then(() => pick(kid, algorithm));
    },
    revoke: (kid) => void revoked.add(kid),
    load: async () => {
      if (keys.size === 0) await refresh();
    },
    state: () => ({ status: keys.size === 0 ? "empty" : "fresh", kids: [...keys.keys()], fetchedAt, attemptedAt, failure }),
  };
}
