import type { ClientProof, GitHubEndpoints, ProviderSettings } from "./provider-settings.ts";

/** What an operator gets from a provider on registering us there. */
export type Registration = { readonly clientId: string; readonly proof: ClientProof };

const openid = {
  scopes: ["openid", "email"],
  claims: { email: "email", emailVerified: "email_verified" },
  verifiedValues: [true],
  responseMode: "query",
} as const satisfies Partial<ProviderSettings>;

/** https://developers.google.com/identity/openid-connect/openid-connect */
export function google(registration: Registration): ProviderSettings {
  return { ...openid, ...registration, name: "google", label: "Google", issuer: "https://accounts.google.com" };
}

/**
 * Microsoft's `email` can be set to anything by the administrator of any tenant. Only `xms_edov`, an optional claim of the
 * registration, says that the domain was verified; it has been seen as `true`, `1` and `"1"`.
 *
 * @param tenant `common`, `organizations`, `consumers`, or the id of one tenant
 */
export function microsoft(registration: Registration, tenant: string): ProviderSettings {
  return {
    ...openid,
    ...registration,
    name: "microsoft",
    label: "Microsoft",
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    claims: { email: "email", emailVerified: "xms_edov" },
    verifiedValues: [true, 1, "1"],
  };
}

/** Apple posts its answer by a form whenever an address is wanted, and writes booleans as text at times. */
export function apple(registration: Registration): ProviderSettings {
  return {
    ...openid,
    ...registration,
    name: "apple",
    label: "Apple",
    issuer: "https://appleid.apple.com",
    verifiedValues: [true, "true"],
    responseMode: "form_post",
  };
}

const githubEndpoints: GitHubEndpoints = {
  authorize: "https://github.com/login/oauth/authorize",
  token: "https://github.com/login/oauth/access_token",
  api: "https://api.github.com",
};

/** GitHub speaks OAuth 2.0 without ID tokens: who signed in is read from its API. */
export function github(registration: Registration, endpoints = githubEndpoints): ProviderSettings {
  return {
    ...openid,
    ...registration,
    name: "github",
    label: "GitHub",
    issuer: "https://github.com/login/oauth",
    scopes: ["read:user", "user:email"],
    github: endpoints,
  };
}
