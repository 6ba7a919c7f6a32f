import { toIssuedAt, tokenLife } from "@countersign/tokens";
import { heldClientVersion } from "./client-version.ts";
import type { ReadGrant } from "./grant.ts";
import { readTarget } from "./read-target.ts";

/**
 * The client credentials grant (RFC 6749 §4.4): a token of the caller's own for exactly one service, which the policy
 * lets it call.
 *
 * @throws OAuthError invalid_target
 */
export const readClientCredentials: ReadGrant = ({ db, issuer, newId }, { caller, form, at }) => {
  const callee = readTarget(form, caller, issuer);
  const issuedAt = toIssuedAt(at);
  const tokenId = newId();
  return {
    claims: {
      class: "service",
      issuer,
      subject: caller,
      audience: [callee],
      tokenId,
      clientId: caller,
      issuedAt,
      expiresAt: issuedAt + tokenLife.service,
      clientVersion: heldClientVersion(db, caller),
    },
    entry: { action: "token.issued", outcome: "allowed", actor: caller, subject: callee, detail: { jti: tokenId } },
  };
};
