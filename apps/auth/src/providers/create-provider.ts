import { buildAuthorizationUrl, calculatePKCECodeChallenge } from "openid-client";
import { toProblem } from "./classify-failure.ts";
import { createGitHub } from "./github.ts";
import { type ProviderIdentity, toIdentity } from "./identity.ts";
import { createOpenId } from "./openid.ts";
import { SignInProblem } from "./problem.ts";
import type { ProviderDeps, SignInSecrets } from "./protocol.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** A provider at which people sign in. Both functions throw SignInProblem alone. */
export type Provider = {
  readonly name: string;
  readonly label: string;
  /** Where the browser is sent to sign in there. */
  authorizationUrl(redirectUri: string, secrets: SignInSecrets): Promise<URL>;
  /** Who has signed in, by the answer that the provider sent to our callback. */
  identify(callback: URL, secrets: SignInSecrets): Promise<ProviderIdentity>;
};

/** Where a provider leads back to: what is registered there. */
export function callbackOf(publicOrigin: string, name: string): string {
  return `${publicOrigin}/auth/${name}/callback`;
}

/**
 * A provider of the configuration. The code is bound to the browser's verifier (PKCE with S256, RFC 7636), the ID token to
 * its nonce; the issuer is compared exactly, in the metadata, in the answer (`iss`, RFC 9207) and in the ID token, whose
 * signature is verified.
 */
export function createProvider(settings: ProviderSettings, deps: ProviderDeps): Provider {
  const protocol = settings.github === undefined ? createOpenId(settings, deps) : createGitHub(settings, deps);
  const { name, label, scopes, responseMode } = settings;
  const parameters = { scope: scopes.join(" "), ...(responseMode === "query" ? {} : { response_mode: responseMode }) };
  return {
    name,
    label,
    async authorizationUrl(redirectUri, { state, nonce, verifier }) {
      try {
        const codeChallenge = await calculatePKCECodeChallenge(verifier);
        return buildAuthorizationUrl(await protocol.configuration(), {
          ...parameters,
          redirect_uri: redirectUri,
          state,
          ...(settings.github === undefined ? { nonce } : {}),
          code_challenge: codeChallenge,
          code_challenge_method: "S256",
        });
      } catch (error) {
        throw toProblem(error);
      }
    },
    async identify(callback, secrets) {
      try {
        const claims = await protocol.claims(callback, secrets);
        const identity = toIdentity(claims, settings);
        if (identity === null) throw new SignInProblem("faulty", { detail: "no_subject" });
        return identity;
      } catch (error) {
        throw toProblem(error);
      }
    },
  };
}
