import { isClient } from "@countersign/access";
import { TokenError, type VerifiedClient, verifyClientAssertion } from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { heldClientKeys, readClientKeys } from "./client-keys.ts";
import { type ClientProof, clientRefused } from "./client-proof.ts";

/** A used assertion is remembered this much longer than it lives, in seconds: clocks differ. */
const clockTolerance = 60;

/**
 * Learns which service asks from the assertion that it signed (`private_key_jwt`, RFC 7523 §3).
 *
 * @throws OAuthError invalid_client with one description for every cause
 */
export async function proveByKey(deps: AuthDeps, assertion: string): Promise<ClientProof> {
  const { clientId, keyId, assertionId, expiresAt } = await verify(deps, assertion);
  if (!isClient(clientId)) throw clientRefused("undeclared_service");
  const rememberUntil = (expiresAt + clockTolerance) * 1000;
  return { client: clientId, by: { keyId, assertion: { id: `${clientId} ${assertionId}`, rememberUntil } } };
}

async function verify({ db, issuer, now }: AuthDeps, assertion: string): Promise<VerifiedClient> {
  const policy = { audience: [issuer, `${issuer}/oauth/token`], now };
  const keysFrom = (read: typeof heldClientKeys) => async (clientId: string) =>
    isClient(clientId) ? await read(db, clientId) : [];
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
