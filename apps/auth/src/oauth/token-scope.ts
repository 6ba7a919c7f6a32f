import type { Permission } from "@countersign/access";

/** What the `scope` of access tokens says: nothing, or the permissions of the user. */
export type TokenScope = "none" | "permissions";

/**
 * The `scope` of an access token (RFC 9068 §2.2.3) as a member of its claims; no member where scopes are not configured. It
 * is for verifiers of other vendors: our services derive permissions from roles.
 */
export function scopeOf(tokenScope: TokenScope, permissions: readonly Permission[]): { scope?: readonly Permission[] } {
  return tokenScope === "none" || permissions.length === 0 ? {} : { scope: permissions };
}

/** The `scope` of an answer of the token endpoint (RFC 6749 §5.1), for claims that have one. */
export function scopeAnswer({ scope }: { readonly scope?: readonly string[] }): { scope?: string } {
  return scope === undefined ? {} : { scope: scope.join(" ") };
}
