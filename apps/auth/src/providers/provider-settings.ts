/** How we prove ourselves to a provider. Keys are PKCS #8 in PEM. */
export type ClientProof =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "key"; readonly key: string; readonly keyId: string | null }
  | { readonly kind: "apple"; readonly key: string; readonly keyId: string; readonly teamId: string };

/** The claims that hold what we want to know beside the subject. */
export type ClaimNames = {
  readonly email: string;
  /** Null where the operator says that every address of the provider is confirmed. */
  readonly emailVerified: string | null;
};

/** The addresses of a provider that speaks OAuth 2.0 and publishes no metadata. */
export type GitHubEndpoints = { readonly authorize: string; readonly token: string; readonly api: string };

/** One provider at which people sign in, as the configuration has it. */
export type ProviderSettings = {
  /** The last part of `/auth/<name>`. */
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  /** Exactly as the provider's metadata and ID tokens have it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly scopes: readonly string[];
  readonly claims: ClaimNames;
  /** The values of the claim that count as confirmed; `true` alone by the standard. */
  readonly verifiedValues: readonly unknown[];
  /** How the answer comes: in the query, or posted by a form. */
  readonly responseMode: "query" | "form_post";
  /** Set for GitHub, whose users and addresses are read from its API. */
  readonly github?: GitHubEndpoints;
};

/** Parts of `/auth/<name>` that are taken by other routes, now or soon. */
const reservedNames: ReadonlySet<string> = new Set([
  "register",
  "dev",
  "login",
  "logout",
  "refresh",
  "verify",
  "continue",
  "exchange",
  "callback",
  "providers",
  "identities",
  "verification",
  "verify-email",
  "reset",
  "reset-password",
  "password",
  "email",
  "mail",
  "outbox",
  "link",
  "code",

  "passkey",
  "passkeys",
  "totp",
  "factors",
  "recovery",
  "account",
  "sessions",
  "undo",
  "change",
  "confirm",
  "device",
]);

/** Whether a provider can have this name: a lower-case word that no other route below `/auth/` has. */
export function isProviderName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,30}$/.test(name) && !reservedNames.has(name);
}
