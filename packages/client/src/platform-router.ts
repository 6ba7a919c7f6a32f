import type { ServiceName } from "@countersign/access";
import type { AnyTRPCRouter, TRPCBuiltRouter } from "@trpc/server";

/** The routers of services by their declared names; a name that `access` does not have does not compile. */
export type PlatformRouters<Routers> = {
  readonly [Name in keyof Routers]: Name extends ServiceName ? AnyTRPCRouter : never;
};

/**
 * One router type over all services: `{ orders: OrdersRouter }` is a router whose `orders.place` is the service's
 * `place`. It exists as a type only; whatever takes a router type (a client, TanStack Query) takes this one.
 */
export type PlatformRouter<Routers extends PlatformRouters<Routers>> = TRPCBuiltRouter<
  DefOf<Routers[keyof Routers]>["_config"]["$types"],
  { [Name in keyof Routers]: DefOf<Routers[Name]>["record"] }
>;

type DefOf<Router> = Router extends AnyTRPCRouter ? Router["_def"] : never;
