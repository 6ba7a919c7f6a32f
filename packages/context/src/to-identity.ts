import {
  isPermission,
  isRole,
  isService,
  mayCall,
  type Permission,
  permissionsOf,
  rightsThrough,
  type ServiceName,
} from "@countersign/access";
import { type AccessClaims, servicesOf } from "@countersign/tokens";
import { invalidCredential } from "./bearer.ts";
import { Refusal } from "./errors.ts";
import type { CallingService, Identity, ServiceVersion, User } from "./identity.ts";

/**
 * Builds `ctx.user` and `ctx.service` field by field from verified claims, frozen because one identity is shared by
 * every request that carries the same token.
 *
 * Roles and permissions that this service does not know are dropped: a name from a newer release grants nothing here.
 *
 * @throws Refusal UNAUTHORIZED when a service in the claims is not declared, FORBIDDEN when the policy in `access` does
 * not let it call `self`.
 */
export function toIdentity(claims: AccessClaims, self: ServiceName): Identity {
  const { tokenId: id, issuedAt, expiresAt } = claims;
  const exchangedFrom = Object.freeze(claims.class === "delegated" ? [...claims.exchangedFrom] : []);
  const userVersion = claims.class === "service" ? null : claims.userVersion;
  const services = Object.freeze(servicesOf(claims).map(toServiceVersion));
  const token = Object.freeze({ id, exchangedFrom, userVersion, services, issuedAt, expiresAt });
  switch (claims.class) {
    case "user":
      return Object.freeze({ user: toUser(claims, permissionsOf(claims.roles.filter(isRole))), service: null, token });
    case "service":
      return Object.freeze({
        user: null,
        service: toService(services, self),
        token,
      });
    case "delegated": {
      const service = toService(services, self);
      const claimed = { roles: claims.roles.filter(isRole), permissions: claims.permissions.filter(isPermission) };
      // auth cut them already: a token that says more than its caller passes on is still worth no more
      const { roles, permissions } = rightsThrough(service.name, claimed);
      return Object.freeze({ user: toUser({ ...claims, roles }, permissions), service, token });
    }
  }
}

type UserBearing = Exclude<AccessClaims, { class: "service" }>;

function toUser(claims: UserBearing, permissions: readonly Permission[]): User {
  return Object.freeze({
    id: claims.subject,
    roles: Object.freeze(claims.roles.filter(isRole)),
    permissions: Object.freeze([...permissions]),
    sessionId: claims.sessionId,
    authenticatedAt: claims.authenticatedAt,
  });
}

/** @throws Refusal UNAUTHORIZED */
function toServiceVersion({ name, version }: { readonly name: string; readonly version: number }): ServiceVersion {
  if (!isService(name)) throw invalidCredential("undeclared_service");
  return Object.freeze({ name, version });
}

/** @param services the caller, and who called it */
function toService([caller, ...behind]: readonly ServiceVersion[], self: ServiceName): CallingService {
  if (caller === undefined) throw invalidCredential("undeclared_service");
  const { name } = caller;
  if (!mayCall(name, self)) {
    throw new Refusal("FORBIDDEN", `The service ${name} may not call ${self}.`, { reason: "caller_not_allowed" });
  }
  return Object.freeze({ name, chain: Object.freeze(behind.map((service) => service.name)) });
}
