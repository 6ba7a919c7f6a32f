import type { ServiceName } from "@countersign/access";
import { createAuthRouter } from "@countersign/auth/app";
import type { AnyRouter } from "@trpc/server";
import { domainServices } from "../services.ts";

/** Every router as it declares itself, built from dependencies that do nothing: nothing of it can be carried out. */
export function readRouters(): Readonly<Record<ServiceName, AnyRouter>> {
  const routers: [ServiceName, AnyRouter][] = domainServices.map((service) => [
    service.name,
    service.createRouter(inert()),
  ]);
  routers.push(["auth", createAuthRouter(inert())]);
  return Object.fromEntries(routers) as Record<ServiceName, AnyRouter>; // one for every name
}

/** Procedures are built from their dependencies without touching them; only a call would. */
function inert(): never {
  const nothing: object = new Proxy(() => nothing, { get: () => nothing });
  return nothing as never; // fits every type of dependencies because nothing is ever called on it
}
