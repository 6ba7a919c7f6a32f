import type { PublicJwk } from "../src/jwk.ts";
import { createRemoteKeySet } from "../src/remote-key-set.ts";
import type { RemoteKeySet, RemoteKeySetOptions } from "../src/remote-key-set-types.ts";
import { at } from "./fixtures.ts";

/** An issuer's JWKS whose behaviour a test sets, the clock it shares with a key set, and that key set. */
export type FakeJwks = {
  keys: RemoteKeySet;
  /** How the next attempts are answered. */
  answer: () => Response | Promise<Response>;
  /** When each attempt came, in seconds since the start. */
  readonly attempts: readonly number[];
  /** Lets seconds pass. */
  pass(seconds: number): void;
};

export function createFakeJwks(published: readonly PublicJwk[], limits: RemoteKeySetOptions["limits"] = {}): FakeJwks {
  let now = at * 1000;
  const attempts: number[] = [];
  const fake: FakeJwks = {
    keys: createRemoteKeySet({
      url: "https://issuer.example/.well-known/jwks.json",
      now: () => now,
      limits,
      fetch: async () => {
        attempts.push((now - at * 1000) / 1000);
        return await fake.answer();
      },
    }),
    answer: () => jwks(published),
    attempts,
    pass: (seconds) => {
      now += seconds * 1000;
    },
  };
  return fake;
}

export function jwks(keys: readonly unknown[]): Response {
  return Response.json({ keys });
}

export function down(): never {
  throw new TypeError("fetch failed");
}

/** Lets an attempt that is answered at once come to its end. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
