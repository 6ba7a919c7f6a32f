import { isService, type ServiceName } from "@countersign/access";
import { TokenError, type VerifiedClient, verifyClientAssertion } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { heldClientKeys, readClientKeys } from "./client-keys.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/** RFC 7523 §2.2. */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A used assertion is remembered this much longer than it lives, in seconds: clocks differ. */
const clockTolerance = 60;

/**
 * A proof that was read and fits. It counts for nothing before `settle` has found the key registered still and the
 * assertion unused.
 */
export type ClientProof = {
  readonly client: ServiceName;
  readonly keyId: string;
  /** What stands for the assertion in the database, and until when it must be remembered (milliseconds). */
  readonly assertion: { readonly id: string; readonly rememberUntil: number };
};

/**
 * Learns which service asks from the assertion that it signed (`private_key_jwt`).
 *
 * @param authorization the request's Authorization header; a client that proves itself there is of another kind
 * @throws OAuthError invalid_client with one description for every cause, or invalid_request
 */
export async function proveClient(deps: AuthDeps, form: Form, authorization: string | null): Promise<ClientProof> {
  const assertion = form.get("client_assertion");
  if (authorization !== null && assertion !== undefined) {
    throw new OAuthError("invalid_request", "A client proves itself in one way only.");
  }
  if (assertion === undefined || form.get("client_assertion_type") !== assertionType)
    throw clientRefused("no_assertion");
  const { clientId, keyId, assertionId, expiresAt } = await verify(deps, assertion);
  const claimed = form.get("client_id");
  if (claimed !== undefined && claimed !== clientId) throw clientRefused("client_id_differs"); // RFC 7521 §4.2
  if (!isService(clientId)) throw clientRefused("undeclared_service");
  const rememberUntil = (expiresAt + clockTolerance) * 1000;
  return { client: clientId, keyId, assertion: { id: `${clientId} ${assertionId}`, rememberUntil } };
}

async function verify({ db, issuer, now }: AuthDeps, assertion: string): Promise<VerifiedClient> {
  const policy = { audience: [issuer, `${issuer}/oauth/token`], now };
  const keysFrom = (read: typeof heldClientKeys) => async (clientId: string) =>
    isService(clientId) ? await read(db, clientId) : [];
  try {
    return await verifyClientAssertion(assertion, keysFrom(heldClientKeys), policy).catch((error: unknown) => {
      const isUnknown = error instanceof TokenError && error.code === "unknown_key";
      if (!isUnknown) throw error;
      return verifyClientAssertion(assertion, keysFrom(readClientKeys), policy); // a key may have been added since
    });
  } catch (error) {
    if (error instanceof TokenError) throw clientRefused(error.code, error);
    throw error;
  }
}

/** The one answer to a client that did not prove itself. */
export function clientRefused(reason: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_client", "The client did not prove itself.", { reason, cause });
}
