import {
  type AccessClaims,
  type AsymmetricAlgorithm,
  type GatewayClaims,
  type KeySource,
  readUnsigned,
  TokenError,
  verifyGatewayAssertion,
} from "@countersign/tokens";
import { invalidCredential } from "./bearer.ts";
import { checkByKeys } from "./check-by-keys.ts";
import type { TokenCheck } from "./token-check.ts";

/** The header in which the gateway says, signed, who is calling. */
export const assertionHeader = "x-countersign-assertion";

export type CheckByGatewayDeps = {
  /** The keys that the gateway publishes. */
  readonly gatewayKeys: KeySource;
  readonly gatewayAlgorithms: readonly AsymmetricAlgorithm[];
  /** Auth's keys, for the tokens of services, which do not come through the gateway. */
  readonly keys: KeySource & { revoke?(kid: string): void };
};

/**
 * By the word of the gateway, for a service that shall take users through that door alone: a user's token counts only
 * with an assertion, signed for this service and for exactly this token, which is remembered for as long as it is good.
 * The tokens of other services are verified with auth's keys as everywhere.
 */
export function checkByGateway({ gatewayKeys, gatewayAlgorithms, keys }: CheckByGatewayDeps): TokenCheck {
  const ofServices = checkByKeys(keys);
  return {
    ...ofServices,
    read(headers) {
      const token = ofServices.read(headers);
      const assertion = headers.get(assertionHeader);
      if (assertion === null) return token;
      if (token === null || /[ ,]/.test(assertion)) throw invalidCredential("malformed_assertion");
      return `${assertion} ${token}`;
    },
    tokenIn: (credential) => credential.slice(credential.indexOf(" ") + 1),
    async check(credential, policy) {
      const [assertion = "", token] = credential.split(" ");
      if (token === undefined) return ofServices.check(credential, { ...policy, classes: ["service", "delegated"] });
      const { issuer, audience, now } = policy;
      const { tokenId } = readUnsigned(token, { ...policy, classes: ["user"] });
      const word = { issuer, audience, algorithms: gatewayAlgorithms, now };
      const asserted = await verifyGatewayAssertion(assertion, gatewayKeys, word);
      if (asserted.tokenId !== tokenId) throw new TokenError("bad_claims", { claim: "token_jti" });
      return { claims: toUserClaims(asserted), until: asserted.assertion.expiresAt * 1000 };
    },
  };
}

/** What the gateway read from the access token, which it verified: the client that it was issued to it does not say. */
function toUserClaims(asserted: GatewayClaims): AccessClaims {
  const { issuer, audience, subject, tokenId, issuedAt, expiresAt } = asserted;
  const { sessionId, authenticatedAt, roles, userVersion } = asserted;
  const token = { issuer, audience, subject, tokenId, clientId: "gateway", issuedAt, expiresAt };
  return { class: "user", ...token, sessionId, authenticatedAt, roles, userVersion };
}
