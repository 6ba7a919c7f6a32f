import { tokenStands } from "../src/revocations/token-stands.ts";
import type { TestAuth } from "./open-test-auth.ts";
import { claimsOf, type Tokens } from "./requests.ts";

/** What auth answers to a service that asks about an access token at this moment, or about one that says something else. */
export function standsAt(
  { auth, clock }: TestAuth,
  { accessToken }: Pick<Tokens, "accessToken">,
  changed: { readonly sessionId?: string } = {},
): Promise<boolean> {
  const { sub, sid, jti, user_version: version = 0 } = claimsOf(accessToken);
  const user = { id: String(sub), sessionId: changed.sessionId ?? String(sid), version: Number(version) };
  return tokenStands(auth.deps, { tokenId: String(jti), exchangedFrom: [], user, services: [] }, clock.now());
}
