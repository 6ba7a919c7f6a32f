import { type Permission, permissionsOf, type Role } from "./roles.ts";

/**
 * Every service: its port in development, whether users may call it, which services it may call, and which of a user's
 * permissions it passes on when it calls on the user's behalf. Adding a service adds one entry here; the gateway's
 * routes, the audiences of tokens and the types of callers all follow from it.
 */
export const services = defineServices({
  auth: { port: 4001, facesUsers: true, calls: [], passesOn: [] },
  products: { port: 4002, facesUsers: true, calls: ["auth", "inventory"], passesOn: ["products:write"] },
  orders: {
    port: 4003,
    facesUsers: true,
    calls: ["auth", "products", "inventory"],
    passesOn: ["orders:place", "orders:read", "orders:cancel"],
  },
  inventory: { port: 4004, facesUsers: false, calls: ["auth"], passesOn: [] },
});

/** The port of the gateway in development; it is the door, not a service that anyone calls by name. */
export const gatewayPort = 4000;

/** A declared service. */
export type ServiceName = keyof typeof services;

/** The services that `Caller` may call. */
export type CalleesOf<Caller extends ServiceName> = (typeof services)[Caller]["calls"][number];

/** The services that may call `Callee`. */
export type CallersOf<Callee extends ServiceName> = {
  [Caller in ServiceName]: Callee extends CalleesOf<Caller> ? Caller : never;
}[ServiceName];

/** Every service, in the order of the table. */
export const serviceNames = Object.keys(services) as readonly ServiceName[]; // the keys of a const object are exactly `ServiceName`

/** The services whose names stand in the audience of a user's token. */
export const userFacingServices: readonly ServiceName[] = serviceNames.filter((name) => services[name].facesUsers);

/** Narrows a string from outside, for example a claim or a path segment, to a declared service. */
export function isService(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}

/** What proves itself to auth with a key of its own: every service, and the gateway, which calls no procedure of one. */
export type ClientName = ServiceName | "gateway";

/** Narrows a string from outside, for example the issuer of an assertion, to a client of auth. */
export function isClient(name: string): name is ClientName {
  return name === "gateway" || isService(name);
}

/** Whether the policy lets `caller` call `callee`. */
export function mayCall(caller: ServiceName, callee: ServiceName): boolean {
  const callees: readonly ServiceName[] = services[caller].calls;
  return callees.includes(callee);
}

/**
 * The services that may call `callee`, in the order of the table, for `serviceProcedure(...callersOf("auth"))`: a new
 * service is admitted by its entry above.
 *
 * @throws TypeError when nobody may call it: a procedure for nobody is a mistake
 */
export function callersOf<Callee extends ServiceName>(
  callee: Callee,
): readonly [CallersOf<Callee>, ...CallersOf<Callee>[]] {
  const [first, ...rest] = serviceNames.filter((name): name is CallersOf<Callee> => mayCall(name, callee));
  if (first === undefined) throw new TypeError(`No service may call ${callee}.`);
  return [first, ...rest];
}

/** What a user may do in a call: roles, and permissions, which can be fewer than the roles grant. */
export type Rights = { readonly roles: readonly Role[]; readonly permissions: readonly Permission[] };

/**
 * What is left of a user's rights in a call that `caller` makes on the user's behalf: the permissions that both have,
 * and of the roles only those that grant nothing else, so that no role brings back what was taken away.
 */
export function rightsThrough(caller: ServiceName, { roles, permissions }: Rights): Rights {
  const passesOn: readonly Permission[] = services[caller].passesOn;
  const passed = permissions.filter((permission) => passesOn.includes(permission));
  const isPassedWhole = (role: Role) => permissionsOf([role]).every((permission) => passed.includes(permission));
  return { roles: roles.filter(isPassedWhole), permissions: passed };
}

type Declaration<Name extends string> = {
  readonly port: number;
  readonly facesUsers: boolean;
  readonly calls: readonly Name[];
  readonly passesOn: readonly Permission[];
};

/** Holds the table to itself: `calls` names declared services only, and stays a literal type. */
function defineServices<const Table extends { readonly [Name in keyof Table]: Declaration<keyof Table & string> }>(
  table: Table,
): Table {
  return table;
}
