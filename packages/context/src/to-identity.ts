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
import type { AccessClaims, Actor } from "@countersign/tokens";
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
  const services = Object.freeze(servicesOf(claims));
  const token = Object.freeze({ id, exchangedFrom, userVersion, services, issuedAt, expiresAt });
  switch (claims.class) {
    case "user":
      return Object.freeze({ user: toUser(claims, permissionsOf(claims.roles.filter(isRole))), service: null, token });
    case "service":
      return Object.freeze({
        user: null,
        service: toService({ subject: claims.subject, version: claims.clientVersion }, self),
        token,
      });
    case "delegated": {
      const service = toService(claims.actor, self);
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

function servicesOf(claims: AccessClaims): ServiceVersion[] {
  if (claims.class === "user") return [];
  if (claims.class === "delegated") return chainFrom(claims.actor);
  return [Object.freeze({ name: declared(claims.subject), version: claims.clientVersion })];
}

function chainFrom({ subject, version, actor }: Actor): ServiceVersion[] {
  const caller = Object.freeze({ name: declared(subject), version });
  return actor === undefined ? [caller] : [caller, ...chainFrom(actor)];
}

function toService(actor: Actor, self: ServiceName): CallingService {
  const name = declared(actor.subject);
  if (!mayCall(name, self)) {
    throw new Refusal("FORBIDDEN", `The service ${name} may not call ${self}.`, { reason: "caller_not_allowed" });
  }
  return Object.freeze({ name, chain: Object.freeze(behind(actor.actor)) });
}

function behind(actor: Actor | undefined): ServiceName[] {
  return actor === undefined ? [] : [declared(actor.subject), ...behind(actor.actor)];
}

function declared(name: string): ServiceName {
  if (isService(name)) return name;
  throw invalidCredential("undeclared_service");
}
