import { signAccessToken } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { readClientCredentials } from "./client-credentials.ts";
import type { Grant, ReadGrant } from "./grant.ts";
import { OAuthError } from "./oauth-error.ts";
import { proveClient } from "./prove-client.ts";
import type { Form } from "./read-form.ts";
import { settle } from "./settle.ts";
import { readTokenExchange, subjectRefused, tokenExchange } from "./token-exchange.ts";

/** RFC 6749 §5.1, and what a grant adds; the life in seconds. */
export type TokenAnswer = { access_token: string; token_type: "Bearer"; expires_in: number };

/** A request to the token endpoint. */
export type TokenRequest = { readonly form: Form; readonly authorization: string | null };

/**
 * Grants a token to a service that proves itself. All that can be told from the request is looked at first, then one
 * statement decides, and only then a token is signed. A client that is not proved hears of that alone, whatever else is
 * wrong with its request.
 *
 * @throws OAuthError unsupported_grant_type, invalid_scope, and what `proveClient` and the grants say
 */
export async function grantToken(
  deps: AuthDeps,
  { form, authorization }: TokenRequest,
  from: Requester,
): Promise<TokenAnswer> {
  const at = deps.now();
  const proof = await proveClient(deps, form, authorization);
  const signer = deps.keys.signer();
  const grant = await readGrant(deps, { caller: proof.client, form, at }).catch(async (error: unknown) => {
    await settle(deps.db, { proof }, { at, from });
    throw error;
  });
  const { claims, subject, entry, answer } = grant;
  if (!(await settle(deps.db, { proof, token: subject, entry }, { at, from }))) throw subjectRefused("revoked");
  const token = await signAccessToken(claims, signer);
  return { access_token: token, ...answer, token_type: "Bearer", expires_in: claims.expiresAt - claims.issuedAt };
}

const grants: Readonly<Record<string, ReadGrant>> = {
  client_credentials: readClientCredentials,
  [tokenExchange]: readTokenExchange,
};

/** What the token endpoint grants; for the metadata. */
export const grantTypes: readonly string[] = Object.keys(grants);

async function readGrant(...[deps, asked]: Parameters<ReadGrant>): Promise<Grant> {
  const type = asked.form.get("grant_type");
  if (type === undefined) throw new OAuthError("invalid_request", "grant_type is missing.");
  const read = Object.hasOwn(grants, type) ? grants[type] : undefined;
  if (read === undefined) throw new OAuthError("unsupported_grant_type", "There is no such grant here.");
  if (asked.form.get("scope") !== undefined) throw new OAuthError("invalid_scope", "There are no scopes here.");
  return await read(deps, asked);
}
