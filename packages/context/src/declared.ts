import type { Permission, Role, ServiceName } from "@countersign/access";
import type { AnyRouter } from "@trpc/server";
import { type Limit, readLimits } from "./limit.ts";

/** Who may call a procedure, as its builder declared it. */
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "user" | "direct" }
  | { readonly kind: "role"; readonly roles: readonly Role[] }
  | { readonly kind: "permission"; readonly permissions: readonly Permission[] }
  | { readonly kind: "service" | "delegated"; readonly callers: readonly ServiceName[] };

/** One procedure of a router; `access` is null for one that no builder of this package made. */
export type DeclaredProcedure = {
  readonly path: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly freshness: "cached" | "live";
  readonly limits: readonly Limit[];
  readonly access: Access | null;
};

/** Guards by the middleware function itself: unlike meta, it can neither be overwritten nor made elsewhere. */
const accessOfGuard = new WeakMap<object, Access>();

/** Registers the middleware of a guard with what it holds calls to. */
export function declareGuard(middleware: object, access: Access): void {
  accessOfGuard.set(middleware, access);
}

/** Every procedure of a router, in the order of its paths, with who may call it. */
export function walkRouter(router: AnyRouter): readonly DeclaredProcedure[] {
  return Object.entries(read(router._def.procedures))
    .map(([path, procedure]) => describe(path, procedure))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function describe(path: string, procedure: unknown): DeclaredProcedure {
  const definition = read(read(procedure, "_def"));
  const middlewares: readonly unknown[] = Array.isArray(definition["middlewares"]) ? definition["middlewares"] : [];
  const guards = middlewares.flatMap((middleware) =>
    typeof middleware === "function" ? (accessOfGuard.get(middleware) ?? []) : [],
  );
  const type = definition["type"];
  const meta = read(definition["meta"]);
  return {
    path,
    type: type === "mutation" || type === "subscription" ? type : "query",
    freshness: meta["freshness"] === "live" ? "live" : "cached",
    limits: readLimits(meta["limits"]),
    access: guards.length === 1 ? (guards[0] ?? null) : null,
  };
}

function read(value: unknown, key?: string): Readonly<Record<string, unknown>> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return {};
  const fields: Record<string, unknown> = { ...value };
  return key === undefined ? fields : read(fields[key]);
}
