import type { ServiceName } from "@countersign/access";
import { type AccessClaims, toAccessPayload } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { proveService } from "./prove-client.ts";
import { readToken } from "./read-token.ts";
import { settle } from "./settle.ts";

/** RFC 7662 §2.2: what the token says, or that it is worth nothing to the one who asks, never why. */
export type Introspection = { readonly active: false } | { readonly active: true; readonly token_type: "Bearer" };

/**
 * Introspection (RFC 7662): what an access token is worth at this moment, signature, times, session, user and revocations,
 * for the service that it was sent to. A token for somebody else is not active, so that nobody learns by it what is inside
 * of tokens found elsewhere (§4); a refresh token is for nobody but auth.
 *
 * @throws OAuthError invalid_client, invalid_request
 */
export async function introspect(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<Introspection> {
  const at = deps.now();
  const proof = await proveService(deps, request);
  const token = request.form.get("token");
  const claims = token === undefined ? null : await readFor(deps, proof.client, token);
  const { stands } = await settle(deps, { proof, token: claims ?? undefined }, { at, from });
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  if (claims === null || !stands) return { active: false };
  return { active: true, token_type: "Bearer", ...toAccessPayload(claims) };
}

async function readFor(deps: AuthDeps, service: ServiceName, token: string): Promise<AccessClaims | null> {
  const read = await readToken(deps, token, service);
  return "claims" in read ? read.claims : null;
}
