import type { AuthDeps } from "../deps.ts";
import { type ClientProof, clientRefused, type ServiceProof } from "./client-proof.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { proveByKey } from "./prove-by-key.ts";
import { proveBySecret } from "./prove-by-secret.ts";

/** RFC 7523 §2.2. */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Whether a request tries to prove a client, in whichever way. */
export function isProofTried({ form, authorization }: OAuthRequest): boolean {
  return waysTried({ form, authorization }) > 0;
}

/**
 * Reads the proof of the service that asks: an assertion that it signed, or its secret in the Authorization header. A
 * secret in the body is no proof here (RFC 6749 §2.3.1 advises against it).
 *
 * @throws OAuthError invalid_client with one description for every cause; invalid_request for two ways at once (§2.3)
 */
export async function proveClient(deps: AuthDeps, request: OAuthRequest): Promise<ClientProof> {
  if (waysTried(request) > 1) throw new OAuthError("invalid_request", "A client proves itself in one way only.");
  const proof = await readProof(deps, request);
  const claimed = request.form.get("client_id");
  if (claimed !== undefined && claimed !== proof.client) throw clientRefused("client_id_differs"); // RFC 7521 §4.2
  return proof;
}

/**
 * The same for what services alone may ask: the gateway has no tokens of its own.
 *
 * @throws OAuthError as `proveClient`; unauthorized_client for the gateway
 */
export async function proveService(deps: AuthDeps, request: OAuthRequest): Promise<ServiceProof> {
  const { client, by } = await proveClient(deps, request);
  if (client === "gateway") throw new OAuthError("unauthorized_client", "The gateway may not ask this.");
  return { client, by };
}

async function readProof(deps: AuthDeps, { form, authorization }: OAuthRequest): Promise<ClientProof> {
  if (authorization !== null) return await proveBySecret(deps, authorization);
  const assertion = form.get("client_assertion");
  if (assertion === undefined || form.get("client_assertion_type") !== assertionType) throw clientRefused("no_proof");
  return await proveByKey(deps, assertion);
}

function waysTried({ form, authorization }: OAuthRequest): number {
  const tried = [authorization ?? undefined, form.get("client_assertion"), form.get("client_secret")];
  return tried.filter((way) => way !== undefined).length;
}
