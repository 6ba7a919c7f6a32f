import type { TokenClass } from "./claims.ts";
import { readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";

/**
 * The class that an access token claims, without a look at its signature: good for refusing a token, never for taking one.
 *
 * @returns null for a token without a known class, or for no token
 */
export function claimedClass(token: string): TokenClass | null {
  try {
    const { token_class: claimed } = readCompact(token).payload;
    return claimed === "user" || claimed === "service" || claimed === "delegated" ? claimed : null;
  } catch (error) {
    if (error instanceof TokenError) return null;
    throw error;
  }
}
