import {
  allowInsecureRequests,
  authorizationCodeGrant,
  Configuration,
  customFetch,
  fetchProtectedResource,
} from "openid-client";
import { z } from "zod";
import { createClientProof } from "./client-proof.ts";
import { keepConfiguration } from "./kept-configuration.ts";
import { SignInProblem } from "./problem.ts";
import type { Protocol, ProviderDeps } from "./protocol.ts";
import type { ProviderSettings } from "./provider-settings.ts";

const user = z.object({ id: z.int().positive() });
const addresses = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() })).max(1_000);

/**
 * GitHub: OAuth 2.0 with PKCE, without metadata and ID tokens. A person is known by the number of the account, which never
 * changes hands as the login name does; the address is the primary one.
 */
export function createGitHub(settings: ProviderSettings, { fetch, now }: ProviderDeps): Protocol {
  const { issuer, clientId, github } = settings;
  if (github === undefined) throw new TypeError("GitHub's endpoints are missing.");
  const configuration = keepConfiguration(async () => {
    const proof = await createClientProof(settings.proof, now);
    const server = { issuer, authorization_endpoint: github.authorize, token_endpoint: github.token };
    const made = new Configuration(server, clientId, undefined, proof);
    made[customFetch] = fetch;
    // oxlint-disable-next-line typescript/no-deprecated -- deprecated so that it stands out; for a server of a test
    if (github.token.startsWith("http:")) allowInsecureRequests(made);
    return made;
  }, now);

  return {
    configuration,
    async claims(callback, { state, verifier }) {
      const kept = await configuration();
      const tokens = await authorizationCodeGrant(kept, callback, { pkceCodeVerifier: verifier, expectedState: state });
      const headers = new Headers({ accept: "application/vnd.github+json", "user-agent": "countersign" });
      const read = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> => {
        const url = new URL(`${github.api}${path}`);
        const response = await fetchProtectedResource(kept, tokens.access_token, url, "GET", null, headers);
        if (!response.ok) throw new SignInProblem("faulty", { detail: `status_${response.status}` });
        return schema.parse(await response.json());
      };
      const [{ id }, list] = await Promise.all([read("/user", user), read("/user/emails", addresses)]);
      const primary = list.find((address) => address.primary);
      return { iss: issuer, sub: String(id), email: primary?.email, email_verified: primary?.verified };
    },
  };
}
