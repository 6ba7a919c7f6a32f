/**
 * Every service: its port in development, whether users may call it, and which services it may call. Adding a service
 * adds one entry here; the gateway's routes, the audiences of tokens and the types of callers all follow from it.
 */
export const services = defineServices({
  auth: { port: 4001, facesUsers: true, calls: [] },
  products: { port: 4002, facesUsers: true, calls: ["auth", "inventory"] },
  orders: { port: 4003, facesUsers: true, calls: ["auth", "products", "inventory"] },
  inventory: { port: 4004, facesUsers: false, calls: ["auth"] },
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

type Declaration<Name extends string> = {
  readonly port: number;
  readonly facesUsers: boolean;
  readonly calls: readonly Name[];
};

/** Holds the table to itself: `calls` names declared services only, and stays a literal type. */
function defineServices<const Table extends { readonly [Name in keyof Table]: Declaration<keyof Table & string> }>(
  table: Table,
): Table {
  return table;
}
