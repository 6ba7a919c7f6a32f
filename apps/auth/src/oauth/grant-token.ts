import { setImmediate } from "node:timers/promises";
import type { ServiceName } from "@countersign/access";
import { type AccessClaims, type SigningKey, signAccessToken } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { readClientCredentials } from "./client-credentials.ts";
import { holdClientVersion } from "./client-version.ts";
import type { Grant, ReadGrant, TokenAnswer } from "./grant.ts";
import { limitedService, takeGrant } from "./limited-service.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { isProofTried, proveService } from "./prove-client.ts";
import { publicClient } from "./public-client.ts";
import { grantRefresh } from "./refresh-grant.ts";
import { type Settled, settle } from "./settle.ts";
import { readTokenExchange, subjectRefused, tokenExchange } from "./token-exchange.ts";
import { scopeAnswer } from "./token-scope.ts";

/**
 * Answers a request to the token endpoint (RFC 6749 §3.2). Of a service, all that can be told from the request is looked
 * at first, then one statement decides. Its token is signed meanwhile, and thrown away unless it is allowed. A client that
 * is not proved hears of that alone, whatever else is wrong with its request.
 *
 * @throws OAuthError unsupported_grant_type, unauthorized_client, invalid_scope, and what `proveService` and the grants say
 * @throws Refusal TOO_MANY_REQUESTS for more tokens of one service than its limit
 */
export async function grantToken(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<TokenAnswer> {
  if (request.form.get("grant_type") === "refresh_token") return await grantRefresh(deps, request, from);
  const isPublic = request.form.get("client_id") === publicClient && !isProofTried(request);
  if (isPublic) throw publicClientRefused(request);
  const at = deps.now();
  const proof = await proveService(deps, request);
  const { client } = proof;
  const signer = deps.keys.signer();
  const grant = await readGrant(deps, { caller: client, form: request.form, at }).catch(async (error: unknown) => {
    await settle(deps, { proof }, { at, from });
    throw ofClient(error, client);
  });
  const { claims, answer } = grant;
  const settled = settleCounted(deps, { proof, grant }, { at, from });
  const [{ clientVersion }, signed] = await Promise.all([settled, signMeanwhile(claims, signer)]);
  const current = withVersion(claims, clientVersion);
  const token = current === claims ? signed : await signAccessToken(current, signer);
  holdClientVersion(deps.db, client, clientVersion);
  const left = claims.expiresAt - Math.floor(at / 1000);
  const scope = claims.class === "delegated" ? scopeAnswer(claims) : {};
  return { access_token: token, ...answer, token_type: "Bearer", expires_in: left, ...scope };
}

type Asking = { readonly proof: Awaited<ReturnType<typeof proveService>>; readonly grant: Grant };
type Origin = { readonly at: number; readonly from: Requester };

/** Settles a request for one more token, as far as the service may have it. What leaves no row in the audit log does not count. */
async function settleCounted(deps: AuthDeps, { proof, grant }: Asking, origin: Origin): Promise<Settled> {
  const { client } = proof;
  const { claims, subject, entry } = grant;
  const taken = await takeGrant(deps, client, claims);
  if (!taken.allowed) {
    await settle(deps, { proof }, origin);
    throw limitedService(deps, taken, { service: client, action: entry.action, from: origin.from });
  }
  try {
    const settled = await settle(deps, { proof, token: subject, entry }, origin);
    if (!settled.stands) throw ofClient(subjectRefused("revoked"), client);
    return settled;
  } catch (error) {
    await taken.giveBack();
    throw error;
  }
}

/** The public client has one grant; it has nothing to prove before it hears so. */
function publicClientRefused({ form }: OAuthRequest): OAuthError {
  const type = form.get("grant_type");
  if (type === undefined) return new OAuthError("invalid_request", "grant_type is missing.");
  if (!Object.hasOwn(grants, type)) return new OAuthError("unsupported_grant_type", "There is no such grant here.");
  return new OAuthError("unauthorized_client", "This grant is for services.", { reason: "public_client" });
}

/** Signs while the database is at work, for which its statement has to be on its way: a signature lets nothing else run. */
async function signMeanwhile(claims: AccessClaims, signer: SigningKey): Promise<string> {
  await setImmediate();
  return await signAccessToken(claims, signer);
}

/** The same claims when they say the version already, which they do unless the service was disabled meanwhile. */
function withVersion(claims: Grant["claims"], version: number): Grant["claims"] {
  if (claims.class === "service")
    return claims.clientVersion === version ? claims : { ...claims, clientVersion: version };
  return claims.actor.version === version ? claims : { ...claims, actor: { ...claims.actor, version } };
}

const grants: Readonly<Record<string, ReadGrant>> = {
  client_credentials: readClientCredentials,
  [tokenExchange]: readTokenExchange,
};

/** What the token endpoint grants; for the metadata. */
export const grantTypes: readonly string[] = [...Object.keys(grants), "refresh_token"];

async function readGrant(...[deps, asked]: Parameters<ReadGrant>): Promise<Grant> {
  const type = asked.form.get("grant_type");
  if (type === undefined) throw new OAuthError("invalid_request", "grant_type is missing.");
  const read = Object.hasOwn(grants, type) ? grants[type] : undefined;
  if (read === undefined) throw new OAuthError("unsupported_grant_type", "There is no such grant here.");
  if (asked.form.get("scope") !== undefined) throw new OAuthError("invalid_scope", "A scope cannot be requested.");
  return await read(deps, asked);
}

/** The same error, with the name of the client that is proved by now. */
function ofClient(error: unknown, client: ServiceName): unknown {
  if (!(error instanceof OAuthError)) return error;
  const { code, message, reason, cause } = error;
  return new OAuthError(code, message, { client, cause, ...(reason === null ? {} : { reason }) });
}
