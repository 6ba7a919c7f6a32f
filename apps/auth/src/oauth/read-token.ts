import { type ServiceName, serviceNames } from "@countersign/access";
import { Refusal } from "@countersign/context";
import { type AccessClaims, TokenError, type TokenErrorCode, verifyCompact } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { acceptedAlgorithms } from "../keys/accepted-algorithms.ts";

/** What a token says, or the one thing that is wrong with it. */
export type ReadToken =
  | { readonly claims: AccessClaims }
  | { readonly refused: TokenErrorCode; readonly cause: TokenError };

/**
 * Verifies an access token of ours by its signature, times and claims, and not by what the database says of it.
 *
 * @param audience whom the token must be meant for
 * @throws Refusal SERVICE_UNAVAILABLE when the keys cannot be had, the one thing that is no fault of the token's
 */
export async function readToken(deps: AuthDeps, token: string, audience: ServiceName): Promise<ReadToken> {
  const { issuer, keys, now } = deps;
  const classes = ["user", "service", "delegated"] as const;
  try {
    const algorithms = acceptedAlgorithms(deps);
    return { claims: await verifyCompact(token, keys, { issuer, audience, algorithms, classes, now }) };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code !== "keys_unavailable") return { refused: error.code, cause: error };
    throw new Refusal("SERVICE_UNAVAILABLE", undefined, { cause: error, reason: error.code, retryAfterSeconds: 1 });
  }
}

/** The same for a token that is meant for any service: each is tried, which is cheap, for the signature comes last. */
export async function readAnyToken(deps: AuthDeps, token: string): Promise<AccessClaims | null> {
  for (const audience of serviceNames) {
    const read = await readToken(deps, token, audience);
    if ("claims" in read) return read.claims;
    if (read.refused !== "wrong_audience") return null;
  }
  return null;
}
