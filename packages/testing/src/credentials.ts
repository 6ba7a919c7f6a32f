import { mayCall, permissionsOf, type Role, roleNames, type ServiceName, serviceNames } from "@countersign/access";
import type { Access } from "@countersign/context";
import { anotherService, type TestIssuer } from "./test-issuer.ts";

/** Who takes part in making a credential: the service that is called, its issuer, and one that it does not believe. */
export type Parties = { readonly service: ServiceName; readonly issuer: TestIssuer; readonly forger: TestIssuer };

/** A credential that no procedure takes, as the whole Authorization header. */
export type BadCredential = { readonly name: string; readonly header: (parties: Parties) => Promise<string> | string };

/** Makes a token of somebody. */
export type TokenOf = (issuer: TestIssuer) => Promise<string>;

const bearer = async (token: Promise<string> | string) => `Bearer ${await token}`;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Every way to be a bad credential that design and RFCs name; each is answered with the same 401. */
export const badCredentials: readonly BadCredential[] = [
  { name: "garbage", header: () => "Bearer garbage" },
  { name: "another scheme", header: () => "Basic YWxpY2U6c2VjcmV0" },
  { name: "an empty token", header: () => "Bearer " },
  {
    name: "two tokens at once",
    header: async ({ issuer }) => `${await bearer(issuer.userToken())}, ${await bearer(issuer.userToken())}`,
  },
  { name: "an expired token", header: ({ issuer }) => bearer(issuer.userToken({ age: 3_600 })) },
  { name: "a token from the future", header: ({ issuer }) => bearer(issuer.userToken({ age: -3_600 })) },
  {
    name: "a user's token for other services",
    header: ({ issuer, service }) => bearer(issuer.userToken({ audience: [anotherService(service)] })),
  },
  {
    name: "a service's token for another service",
    header: ({ issuer, service }) => bearer(issuer.serviceToken("orders", anotherService(service))),
  },
  {
    name: "a token of another issuer",
    header: ({ issuer, service }) => bearer(issuer.userToken({ issuer: "http://evil.test", audience: [service] })),
  },
  {
    name: "a token signed with a key that is not the issuer's",
    header: ({ forger, issuer, service }) => bearer(forger.userToken({ issuer: issuer.issuer, audience: [service] })),
  },
  {
    name: "an unsigned token",
    header: async ({ issuer, service }) => {
      const [, payload = ""] = (await issuer.userToken({ audience: [service] })).split(".");
      return bearer(`${encode({ alg: "none", typ: "at+jwt", kid: issuer.publicJwk.kid })}.${payload}.`);
    },
  },
  {
    name: "a token whose claims were changed",
    header: async ({ issuer, service }) => {
      const [head = "", payload = "", signature = ""] = (await issuer.userToken({ audience: [service] })).split(".");
      const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
      return bearer(`${head}.${encode({ ...Object(claims), roles: ["admin"] })}.${signature}`);
    },
  },
  { name: "an oversized token", header: () => `Bearer ${"a".repeat(12_000)}` },
];

/** The good credentials that a procedure with this access does not admit. */
export function notAllowed(access: Access, service: ServiceName): readonly { name: string; token: TokenOf }[] {
  const callers = serviceNames.filter((name) => mayCall(name, service));
  const strangers = serviceNames.filter((name) => name !== service && !mayCall(name, service));
  const services = (names: readonly ServiceName[]) =>
    names.map((name) => ({
      name: `the service ${name}`,
      token: (issuer: TestIssuer) => issuer.serviceToken(name, service),
    }));
  switch (access.kind) {
    case "public":
      return services(strangers);
    case "user":
      return services([...callers, ...strangers]);
    case "direct":
      return [...services([...callers, ...strangers]), ...onBehalf([...callers, ...strangers], service)];
    case "role":
    case "permission":
      return [...services([...callers, ...strangers]), ...usersWithout(access, service)];
    case "delegated": {
      const others = callers.filter((name) => !access.callers.includes(name));
      return [
        ...services([...callers, ...strangers]),
        ...onBehalf([...others, ...strangers], service),
        { name: "a user", token: (issuer) => issuer.userToken({ audience: [service], roles: ["admin"] }) },
      ];
    }
    case "service":
      return [
        ...onBehalf([...callers.filter((name) => !access.callers.includes(name)), ...strangers], service),
        ...services([...callers.filter((name) => !access.callers.includes(name)), ...strangers]),
        { name: "a user", token: (issuer) => issuer.userToken({ audience: [service], roles: ["admin"] }) },
      ];
  }
}

/** Somebody whom a procedure with this access admits; undefined where nobody at all is admitted too. */
export function someoneAllowed(access: Access, service: ServiceName): TokenOf | undefined {
  if (access.kind === "public") return undefined;
  if (access.kind === "delegated") {
    const [caller] = access.callers;
    return caller === undefined ? undefined : (issuer) => issuer.delegatedToken(caller, service);
  }
  if (access.kind === "service") {
    const [caller] = access.callers;
    return caller === undefined ? undefined : (issuer) => issuer.serviceToken(caller, service);
  }
  return (issuer) => issuer.userToken({ audience: [service], roles: roleNames.filter((role) => admits(access, role)) });
}

/** A user through each of these services. */
function onBehalf(names: readonly ServiceName[], service: ServiceName) {
  return names.map((name) => ({
    name: `a user through ${name}`,
    token: (issuer: TestIssuer) => issuer.delegatedToken(name, service),
  }));
}

function usersWithout(access: Access, service: ServiceName) {
  return roleNames
    .filter((role) => !admits(access, role))
    .map((role) => ({
      name: `a user with the role ${role}`,
      token: (issuer: TestIssuer) => issuer.userToken({ audience: [service], roles: [role] }),
    }));
}

function admits(access: Access, role: Role): boolean {
  if (access.kind === "role") return access.roles.includes(role);
  if (access.kind !== "permission") return true;
  const granted = permissionsOf([role]);
  return access.permissions.every((permission) => granted.includes(permission));
}
