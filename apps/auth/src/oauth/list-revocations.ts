import type { RevocationPage } from "@countersign/context";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { readFeedPage } from "../revocations/feed-page.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { proveClient } from "./prove-client.ts";
import { settle } from "./settle.ts";

/**
 * Gives a client, a service or the gateway, the revocations that it lacks: the form has `epoch` and `number` of the last
 * one that it has, and neither for all of them. It is an answer of auth's own, so that it needs no signature.
 *
 * @throws OAuthError invalid_client, invalid_request
 */
export async function listRevocations(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<RevocationPage> {
  const proof = await proveClient(deps, request);
  await settle(deps, { proof }, { at: deps.now(), from });
  const epoch = request.form.get("epoch");
  const number = request.form.get("number");
  if (epoch === undefined && number === undefined) return await readFeedPage(deps.db, null);
  if (epoch === undefined || number === undefined || !/^\d{1,15}$/.test(number))
    throw new OAuthError("invalid_request", "epoch and number belong together; number is a whole number.");
  return await readFeedPage(deps.db, { epoch, number: Number(number) });
}
