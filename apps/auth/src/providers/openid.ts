import {
  allowInsecureRequests,
  authorizationCodeGrant,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
} from "openid-client";
import { createClientProof } from "./client-proof.ts";
import { keepConfiguration } from "./kept-configuration.ts";
import { SignInProblem } from "./problem.ts";
import type { Protocol, ProviderDeps } from "./protocol.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** OpenID Connect: metadata by discovery, a person by the ID token, and by UserInfo where that lacks the address. */
export function createOpenId(settings: ProviderSettings, { fetch, now }: ProviderDeps): Protocol {
  const { issuer, clientId, claims: names } = settings;
  const isPlain = issuer.startsWith("http:"); // read so by `readProviders` for this machine in development alone
  const configuration = keepConfiguration(async () => {
    const proof = await createClientProof(settings.proof, now);
    // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; to this machine alone
    const execute = isPlain ? [enableNonRepudiationChecks, allowInsecureRequests] : [enableNonRepudiationChecks];
    return await discovery(new URL(issuer), clientId, undefined, proof, { execute, [customFetch]: fetch });
  }, now);

  return {
    configuration,
    async claims(callback, { state, nonce, verifier }) {
      const kept = await configuration();
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await authorizationCodeGrant(kept, callback, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new SignInProblem("faulty", { detail: "no_id_token" });
      const hasAll = claims[names.email] !== undefined || kept.serverMetadata().userinfo_endpoint === undefined;
      if (hasAll) return claims;
      const { iss, sub } = claims;
      return { ...(await fetchUserInfo(kept, tokens.access_token, sub)), iss, sub };
    },
  };
}
