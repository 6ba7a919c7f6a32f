import type { ClientName, ServiceName } from "@countersign/access";
import { OAuthError } from "./oauth-error.ts";

/**
 * A proof that was read and fits. It counts for nothing before `settle` has found the key or secret in force still, and
 * the assertion unused.
 */
export type ClientProof = { readonly client: ClientName; readonly by: KeyProof | SecretProof };

/** The proof of a service. */
export type ServiceProof = ClientProof & { readonly client: ServiceName };

export type KeyProof = {
  readonly keyId: string;
  /** What stands for the assertion in the database, and until when it must be remembered (milliseconds). */
  readonly assertion: { readonly id: string; readonly rememberUntil: number };
};

export type SecretProof = { readonly secretId: string };

/** The one answer to a client that did not prove itself. */
export function clientRefused(reason: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_client", "The client did not prove itself.", { reason, cause });
}
