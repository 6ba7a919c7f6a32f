import { permissionsOf } from "@countersign/access";
import { Refusal } from "@countersign/context";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import type { Issued } from "../sessions/issued.ts";
import { type RefreshRequest, refresh } from "../sessions/refresh.ts";
import type { TokenAnswer } from "./grant.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { isProofTried, proveService } from "./prove-client.ts";
import { requirePublicClient } from "./public-client.ts";
import { readUserTargets } from "./read-target.ts";
import { settle } from "./settle.ts";
import { scopeAnswer, scopeOf } from "./token-scope.ts";

/**
 * The refresh token grant (RFC 6749 §6) for users who hold their tokens themselves. The client is public, so the token is
 * rotated at each use, and one that was used up before ends the session (RFC 9700 §4.14.2); see `sessions/refresh.ts`.
 * Services have no refresh tokens: one that proves itself holds somebody else's.
 *
 * The access token is for the services that `resource` or `audience` name (RFC 8707 §2.2), and otherwise for all that users
 * may call; the next refresh may name others.
 *
 * @throws OAuthError invalid_client, invalid_scope, invalid_target, invalid_request, invalid_grant with one description for every cause
 */
export async function grantRefresh(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<TokenAnswer> {
  if (isProofTried(request)) {
    const proof = await proveService(deps, request);
    await settle(deps, { proof }, { at: deps.now(), from });
    throw new OAuthError("invalid_grant", refused, { reason: "issued_to_another_client", client: proof.client });
  }
  requirePublicClient(request);
  const { form } = request;
  if (form.get("scope") !== undefined) throw new OAuthError("invalid_scope", "A scope cannot be requested.");
  const token = form.get("refresh_token");
  if (token === undefined) throw new OAuthError("invalid_request", "refresh_token is missing.");
  const audience = readUserTargets(form, deps.issuer);
  const { accessToken, refreshToken, expiresIn, user } = await renew(deps, { token, audience }, from);
  const scope = scopeAnswer(scopeOf(deps.tokenScope, permissionsOf(user.roles)));
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: "Bearer",
    expires_in: expiresIn,
    ...scope,
  };
}

const refused = "The refresh token is not valid.";

/** What ends here is written down, or counted, where it was decided. */
async function renew(deps: AuthDeps, request: RefreshRequest, from: Requester): Promise<Issued> {
  try {
    return await refresh(deps, request, from);
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === "UNAUTHORIZED")
      throw new OAuthError("invalid_grant", refused, { cause });
    throw cause;
  }
}
