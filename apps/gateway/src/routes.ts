import type { ServiceName } from "@countersign/access";

/** Where a request goes. `path` is what the service is asked for, query included. */
export type Route =
  | { readonly face: "page" }
  | { readonly face: "health" }
  | { readonly face: "trpc" | "auth" | "oauth" | "public"; readonly service: ServiceName; readonly path: string };

/** A route that leads to a service. */
export type ServiceRoute = Extract<Route, { service: ServiceName }>;

/**
 * Finds the route of a request, or null. A path has one spelling: percent-encoding, doubled, trailing or empty segments
 * and other letter case name nothing, so that no alias reaches a procedure past a rule on its name. The one exception
 * is the comma of a batch, which many clients encode; it goes on decoded. Dot segments are gone before this is asked,
 * by the URL parser.
 */
export function readRoute(method: string, url: URL, isService: (name: string) => name is ServiceName): Route | null {
  const { pathname, search } = url;
  const reads = method === "GET" || method === "HEAD";
  if (!reads && method !== "POST") return null;

  const [, service = "", procedures = ""] = trpcPath.exec(pathname) ?? [];
  if (isService(service)) {
    const called = procedures.replaceAll(/%2c/gi, ",");
    return procedureNames.test(called) ? { face: "trpc", service, path: `/trpc/${called}${search}` } : null;
  }
  if (authPath.test(pathname)) return { face: "auth", service: "auth", path: pathname + search };
  if (oauthPath.test(pathname)) return { face: "oauth", service: "auth", path: pathname + search };
  if (!reads) return null;
  if (wellKnownPath.test(pathname)) return { face: "public", service: "auth", path: pathname + search };
  if (pathname === "/health") return { face: "health" };
  return pathname === "/" ? { face: "page" } : null;
}

const trpcPath = /^\/trpc\/([^/]+)\/([^/]+)$/;
const procedureNames = /^[\w$-]+(\.[\w$-]+)*(,[\w$-]+(\.[\w$-]+)*)*$/;
const authPath = /^\/auth(\/[\w-]+)+$/;
const oauthPath = /^\/oauth(\/[\w-]+)+$/;
const wellKnownPath = /^\/\.well-known\/[\w-]+(\.[\w-]+)*$/;
