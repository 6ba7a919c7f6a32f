import { isService, type ServiceName } from "@countersign/access";
import { TokenError, verifyClientAssertion } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { clientAssertions } from "../schema.ts";
import { keysOfService } from "../services/service-keys.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/** RFC 7523 §2.2. */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A used assertion is remembered this much longer than it lives, in seconds: clocks differ. */
const clockTolerance = 60;

/**
 * Learns which service asks from the assertion that it signed (`private_key_jwt`). Each assertion is good for one use,
 * whichever replica sees it.
 *
 * @param authorization the request's Authorization header; a client that proves itself there is of another kind
 * @throws OAuthError invalid_client with one description for every cause, or invalid_request
 */
export async function authenticateClient(
  deps: AuthDeps,
  form: Form,
  authorization: string | null,
): Promise<ServiceName> {
  const assertion = form.get("client_assertion");
  if (authorization !== null && assertion !== undefined) {
    throw new OAuthError("invalid_request", "A client proves itself in one way only.");
  }
  if (assertion === undefined || form.get("client_assertion_type") !== assertionType) throw refused("no_assertion");
  const verified = await verify(deps, assertion);
  const { clientId, assertionId, expiresAt } = verified;
  const claimed = form.get("client_id");
  if (claimed !== undefined && claimed !== clientId) throw refused("client_id_differs"); // RFC 7521 §4.2
  if (!isService(clientId)) throw refused("undeclared_service");
  const [first] = await deps.db
    .insert(clientAssertions)
    .values({ id: `${clientId} ${assertionId}`, expiresAt: new Date((expiresAt + clockTolerance) * 1000) })
    .onConflictDoNothing()
    .returning({ id: clientAssertions.id });
  if (first === undefined) throw refused("assertion_replayed");
  return clientId;
}

async function verify({ db, issuer, now }: AuthDeps, assertion: string) {
  const audience = [issuer, `${issuer}/oauth/token`];
  try {
    return await verifyClientAssertion(assertion, (clientId) => keysOfService(db, clientId), { audience, now });
  } catch (error) {
    if (error instanceof TokenError) throw refused(error.code, error);
    throw error;
  }
}

function refused(reason: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_client", "The client did not prove itself with a fresh assertion.", { reason, cause });
}
