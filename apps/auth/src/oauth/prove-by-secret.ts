import { isService } from "@countersign/access";
import type { AuthDeps } from "../deps.ts";
import { findServiceSecret } from "../services/service-secrets.ts";
import { type ClientProof, clientRefused } from "./client-proof.ts";
import { readBasic } from "./read-basic.ts";

/**
 * Learns which service asks from its secret (`client_secret_basic`). Only a service that was given one has it.
 *
 * @throws OAuthError invalid_client with one description for every cause
 */
export async function proveBySecret({ db }: AuthDeps, authorization: string): Promise<ClientProof> {
  const given = readBasic(authorization);
  if (given === null) throw clientRefused("malformed_basic");
  const { clientId, secret } = given;
  if (!isService(clientId)) throw clientRefused("undeclared_service");
  const secretId = await findServiceSecret(db, clientId, secret);
  if (secretId === null) throw clientRefused("wrong_secret");
  return { client: clientId, by: { secretId } };
}
