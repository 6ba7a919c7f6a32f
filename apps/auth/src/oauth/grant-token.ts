import { isService, mayCall, type ServiceName } from "@countersign/access";
import { signAccessToken, tokenLife } from "@countersign/tokens";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/** RFC 6749 §5.1; the life in seconds. */
export type TokenAnswer = { access_token: string; token_type: "Bearer"; expires_in: number };

/**
 * The client credentials grant (RFC 6749 §4.4): a token of the caller's own for exactly one service, which the policy
 * lets it call. The service is named by `audience` (as in RFC 8693 §2.1), or by `resource` (RFC 8707 §2), its URL below
 * the public origin.
 *
 * @throws OAuthError unsupported_grant_type, invalid_scope, invalid_target
 */
export async function grantToken(
  deps: AuthDeps,
  asked: { readonly caller: ServiceName; readonly form: Form },
  from: Requester,
): Promise<TokenAnswer> {
  const { caller, form } = asked;
  const grant = form.get("grant_type");
  if (grant === undefined) throw new OAuthError("invalid_request", "grant_type is missing.");
  if (grant !== "client_credentials")
    throw new OAuthError("unsupported_grant_type", "The grant is client_credentials.");
  if (form.get("scope") !== undefined) throw new OAuthError("invalid_scope", "There are no scopes here.");
  const callee = readTarget(form, deps.issuer);
  if (!mayCall(caller, callee)) {
    throw new OAuthError("invalid_target", "The policy does not let this client call that service.", {
      reason: "not_allowed",
    });
  }
  const issuedAt = Math.floor(deps.now() / 1000);
  const accessToken = await signAccessToken(
    {
      class: "service",
      issuer: deps.issuer,
      subject: caller,
      audience: [callee],
      tokenId: deps.newId(),
      clientId: caller,
      issuedAt,
      expiresAt: issuedAt + tokenLife.service,
    },
    deps.keys.signer(),
  );
  const entry = { action: "token.issued", outcome: "allowed", actor: caller, subject: callee } as const;
  await record(deps.db, entry, { at: deps.now(), from });
  return { access_token: accessToken, token_type: "Bearer", expires_in: tokenLife.service };
}

function readTarget(form: Form, issuer: string): ServiceName {
  const prefix = `${issuer}/trpc/`;
  const resource = form.get("resource");
  const named = resource?.startsWith(prefix) ? resource.slice(prefix.length) : resource;
  const audience = form.get("audience") ?? named;
  if (audience === undefined) throw new OAuthError("invalid_target", "audience names the service to be called.");
  if (named !== undefined && named !== audience)
    throw new OAuthError("invalid_target", "audience and resource differ.");
  if (!isService(audience)) throw new OAuthError("invalid_target", "There is no such service.");
  return audience;
}
