import { isRole, type Role } from "@countersign/access";

import { AuthError, memberOf } from "./rest.ts";
import type { BearerTokens } from "./token-store.ts";

/** Who signed in, and for how many seconds the access token is good. */
export type SignedIn = {
  readonly user: { readonly id: string; readonly email: string; readonly roles: readonly Role[] };
  readonly expiresIn: number;
};

/** Reads what register, login and refresh answer in either mode. @throws {AuthError} when it is not that. */
export function readSignedIn(body: unknown): SignedIn {
  const user = memberOf(body, "user");
  const [id, email, roles] = [memberOf(user, "id"), memberOf(user, "email"), memberOf(user, "roles")];
  const expiresIn = memberOf(body, "expiresIn");
  if (typeof id !== "string" || typeof email !== "string" || !Array.isArray(roles) || typeof expiresIn !== "number") {
    throw new AuthError(502, "Auth answered without a user.");
  }
  return { user: { id, email, roles: roles.filter((role): role is Role => isRole(String(role))) }, expiresIn };
}

/** Reads the pair that bearer mode answers with. @throws {AuthError} when it is not there. */
export function readBearerTokens(body: unknown): BearerTokens {
  const [accessToken, refreshToken] = [memberOf(body, "accessToken"), memberOf(body, "refreshToken")];
  if (typeof accessToken !== "string" || typeof refreshToken !== "string") {
    throw new AuthError(502, "Auth answered without tokens.");
  }
  return { accessToken, refreshToken };
}
