import type { Configuration, CustomFetch } from "openid-client";

/** What one sign-in alone has; see `PendingSignIns`. */
export type SignInSecrets = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** What every provider works with; `now` gives epoch milliseconds. */
export type ProviderDeps = { readonly fetch: CustomFetch; readonly now: () => number };

/** What differs between OpenID Connect and OAuth 2.0 alone. */
export type Protocol = {
  readonly configuration: () => Promise<Configuration>;
  readonly claims: (callback: URL, secrets: SignInSecrets) => Promise<Readonly<Record<string, unknown>>>;
};
