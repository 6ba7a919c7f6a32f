import { readKeySetLimits } from "./key-set-limits.ts";
import type { RemoteKeySet, RemoteKeySetOptions } from "./remote-key-set-types.ts";
import { RemoteKeys } from "./remote-keys.ts";

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
