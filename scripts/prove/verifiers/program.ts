import type { ForgedKind, Kind } from "./kinds.ts";
import type { Workspace } from "./workspace.ts";

/** What a program needs to verify tokens of one algorithm. */
export type Policy = {
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** The same keys by https, with a certificate of the authority in `caFile`. */
  readonly jwksHttpsUrl: string;
  readonly caFile: string;
  /** The key set as a file. */
  readonly jwksFile: string;
  /** The key that signed the tokens, as PEM. */
  readonly keyFile: string;
  /** Its `kid`. */
  readonly kid: string;
};

/** Gives tokens to a program; answers `taken <subject>` or `refused <why>` for each, in their order. */
export type Verify = (policy: Policy, tokens: readonly string[], workspace: Workspace) => Promise<readonly string[]>;

/** A library or program of another vendor, as the guide to other languages lists it. */
export type Program = {
  readonly name: string;
  /** The package that brings it, of Debian or of npm; its version is the program's. */
  readonly from: { readonly debian: string } | { readonly npm: string };
  /** What it does not take though it is good: a kind of token, or every token of an algorithm. */
  readonly refuses?: readonly (Kind | Policy["algorithm"])[];
  /** It takes no token whose `typ` is `at+jwt`. */
  readonly refusesType?: boolean;
  /** It starts as root alone. */
  readonly needsRoot?: boolean;
  /** What it takes though it is bad: it does not look. */
  readonly ignores?: readonly (
    | Extract<Kind, "expired" | "audience">
    | Extract<ForgedKind, "type" | "endless" | "issuer">
  )[];
  /** The claim by which it names the caller, where that is not `sub`. */
  readonly subject?: "client_id";
  readonly verify: Verify;
};

/** The environment in which programs find the policy. */
export function toEnvironment(policy: Policy): Readonly<Record<string, string>> {
  return {
    ALGORITHM: policy.algorithm,
    ISSUER: policy.issuer,
    AUDIENCE: policy.audience,
    JWKS_URL: policy.jwksUrl,
    JWKS_HTTPS_URL: policy.jwksHttpsUrl,
    CA_FILE: policy.caFile,
    NODE_EXTRA_CA_CERTS: policy.caFile,
    JWKS_FILE: policy.jwksFile,
    KEY_FILE: policy.keyFile,
    KID: policy.kid,
  };
}
