import { type Algorithm, asymmetricAlgorithms } from "@countersign/tokens";
import type { KeyDeps } from "../deps.ts";

/**
 * The algorithms of the tokens that are accepted: those of every published key, which is bound to its own, so that a
 * change of `TOKEN_ALG` ends no token; and HS256 where a shared secret signs or is still accepted.
 */
export function acceptedAlgorithms({ acceptsSecret }: Pick<KeyDeps, "acceptsSecret">): readonly Algorithm[] {
  return acceptsSecret ? [...asymmetricAlgorithms, "HS256"] : asymmetricAlgorithms;
}
