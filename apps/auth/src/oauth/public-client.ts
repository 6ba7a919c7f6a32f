import { clientRefused } from "./client-proof.ts";
import type { OAuthRequest } from "./oauth-request.ts";

/**
 * The client of users' own sessions, in the browser or in their hands (RFC 9068 §2.2, `client_id`). It is public: it can
 * keep no secret, so it names itself (RFC 6749 §3.2.1), and what proves it is the token that it holds.
 */
export const publicClient = "countersign-web";

/** @throws OAuthError invalid_client for any other name, or none */
export function requirePublicClient({ form }: OAuthRequest): void {
  if (form.get("client_id") !== publicClient) throw clientRefused("no_proof");
}
