import type { ServiceName } from "@countersign/access";
import { type Algorithm, TokenError } from "@countersign/tokens";
import { LRUCache } from "lru-cache";
import { invalidCredential } from "./bearer.ts";
import { Refusal } from "./errors.ts";
import type { Identity } from "./identity.ts";
import type { Revocations } from "./revocations.ts";
import { toIdentity } from "./to-identity.ts";
import type { TokenCheck } from "./token-check.ts";

export type VerifierDeps = {
  /** Which service this is: the audience that a token must name. */
  readonly service: ServiceName;
  /** The issuer that a token must name, an origin such as `http://localhost:4000`. */
  readonly issuer: string;
  readonly algorithms: readonly Algorithm[];
  readonly check: TokenCheck;
  readonly revocations: Revocations;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How many verified tokens are remembered; 10,000 unless told. */
  readonly remember?: number;
};

type Remembered = { readonly identity: Identity; readonly until: number };

/** Turns a raw credential into an identity, or refuses it. */
export type Verifier = Pick<TokenCheck, "read" | "tokenIn"> & {
  /**
   * @throws Refusal UNAUTHORIZED for a bad token of any kind, FORBIDDEN for a service that may not call here,
   * SERVICE_UNAVAILABLE when the keys cannot be had, so that a client does not drop its session over our outage.
   */
  verify(token: string): Promise<Identity>;
  /**
   * Tells once that a verified identity is no longer good: revoked, or a second past its end, so that a stream which
   * ends by itself in time is left to it. Gives what ends the watch.
   */
  watch(identity: Identity, ended: (refusal: Refusal) => void): () => void;
  /** Forgets every remembered token, for example because a signing key was revoked. */
  forget(): void;
  /** How many tokens are remembered, and how many were asked for that were and were not, for metrics. */
  remembered(): { readonly size: number; readonly hits: number; readonly misses: number };
};

/**
 * The verifier of one service. A token that was verified before is remembered by its whole text, never past its end,
 * and checked against the revocations each time; one that is first seen in parallel is verified once.
 */
export function createVerifier(deps: VerifierDeps): Verifier {
  const { service, issuer, algorithms, check, revocations, now } = deps;
  const policy = { issuer, audience: service, algorithms, classes: ["user", "service", "delegated"] as const, now };
  const verified = new LRUCache<string, Remembered>({ max: deps.remember ?? 10_000 });
  const pending = new Map<string, Promise<Identity>>();
  let generation = 0;
  let hits = 0;
  let misses = 0;

  async function verifyOnce(token: string): Promise<Identity> {
    const startedIn = generation;
    try {
      const { claims, until } = await check.check(token, policy);
      const identity = toIdentity(claims, service);
      if (startedIn === generation && until > now()) verified.set(token, { identity, until });
      return identity;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      pending.delete(token);
    }
  }

  function firstSeen(token: string): Promise<Identity> {
    const running = pending.get(token) ?? verifyOnce(token);
    pending.set(token, running);
    return running;
  }

  return {
    read: (headers) => check.read(headers),
    tokenIn: (credential) => check.tokenIn(credential),
    async verify(token) {
      const known = verified.get(token);
      const isKnown = known !== undefined && now() < known.until;
      if (isKnown) hits += 1;
      else misses += 1;
      const identity = isKnown ? known.identity : await firstSeen(token);
      if (identity.token.expiresAt * 1000 <= now()) {
        verified.delete(token);
        throw invalidCredential("expired");
      }
      if (revocations.covers(identity)) throw invalidCredential("revoked");
      return identity;
    },
    watch(identity, ended) {
      const end = (reason: string) => {
        stop();
        ended(invalidCredential(reason));
      };
      const { expiresAt } = identity.token;
      const timer = setTimeout(() => end("expired"), Math.max(0, (expiresAt + 1) * 1000 - now()));
      const deafen = revocations.onApplied(() => revocations.covers(identity) && end("revoked"));
      const stop = () => {
        clearTimeout(timer);
        deafen();
      };
      return stop;
    },
    forget() {
      generation += 1;
      verified.clear();
      pending.clear();
    },
    remembered: () => ({ size: verified.size, hits, misses }),
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof TokenError)) return new Refusal("INTERNAL_SERVER_ERROR", undefined, { cause: error });
  if (error.code !== "keys_unavailable") return invalidCredential(error.code, error);
  return new Refusal("SERVICE_UNAVAILABLE", "Tokens cannot be verified right now; try again.", {
    cause: error,
    reason: error.code,
    retryAfterSeconds: 5,
  });
}
