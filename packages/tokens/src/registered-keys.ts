import type { PublicJwk } from "./jwk.ts";
import type { KeySource } from "./key-source.ts";
import { createLocalKeySet } from "./local-key-set.ts";

/** The keys that are registered for one client, none for a client that does not exist. */
export type RegisteredKeys = (clientId: string) => Promise<readonly PublicJwk[]>;

/** The algorithms that registered keys may be for. */
export const registeredAlgorithms = ["RS256", "ES256", "EdDSA"] as const;

const keySets = new WeakMap<readonly PublicJwk[], KeySource>();

/** The key set of an array of registered keys; each key is imported once for as long as the array is the same. */
export function keySetOf(registered: readonly PublicJwk[]): KeySource {
  const keySet = keySets.get(registered) ?? createLocalKeySet(() => registered);
  keySets.set(registered, keySet);
  return keySet;
}
