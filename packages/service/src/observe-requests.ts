import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Chassis } from "./chassis.ts";
import type { ServiceEnv } from "./read-arrived.ts";
import { findTrace, traceIdOf } from "./read-trace.ts";

/**
 * What is told of every HTTP request, whatever face it comes to: one observation by route and status; where traces are
 * wanted a span that goes on from the caller's; and a line for what is no procedure, since those have their own. The
 * routes are those that the app was made with, and `unknown` for every other path, which anyone could make up.
 */
export function observeRequests({ metrics, log, tracer }: Chassis): MiddlewareHandler<ServiceEnv> {
  const help = "How long a request took until its answer began, by route and status.";
  const took = metrics.time("countersign_request_duration_seconds", help, ["method", "route", "status"]);

  async function answered(c: Context<ServiceEnv>, next: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await next();
    const milliseconds = performance.now() - startedAt;
    const route = routeOf(c);
    const method = methodOf(c);
    const { status } = c.res;
    took({ method, route, status: String(status) }, milliseconds);
    const span = tracer?.active();
    span?.tell({ "http.response.status_code": status });
    if (status >= 500) span?.fail(String(status));
    if (route === "/trpc/*") return;
    const trace = span?.trace ?? findTrace(c.req.raw.headers);
    const ids = { requestId: c.get("requestId") ?? null, traceId: trace === null ? null : traceIdOf(trace) };
    const line = { ...ids, method, route, status, ms: Math.round(milliseconds * 10) / 10 };
    if (isProbe(route)) log.debug(line, "A probe ended.");
    else log.info(line, "A request ended.");
  }

  if (tracer === undefined) return answered;
  return (c, next) => {
    if (isProbe(c.req.path)) return answered(c, next);
    const route = routeOf(c);
    const method = methodOf(c);
    const attributes = { "http.request.method": method, "http.route": route };
    const parent = findTrace(c.req.raw.headers);
    return tracer.span({ name: `${method} ${route}`, kind: "server", parent, attributes }, () => answered(c, next));
  };
}

/** Asked by machines every few seconds. */
function isProbe(path: string): boolean {
  return path.startsWith("/health/") || path === "/metrics";
}

/** What middleware alone answers is matched by its `/*`. */
function routeOf(c: Context<ServiceEnv>): string {
  const route = matchedRoutes(c).at(-1)?.path ?? "/*";
  return route === "/*" ? "unknown" : route;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

function methodOf(c: Context<ServiceEnv>): string {
  return methods.has(c.req.method) ? c.req.method : "other";
}
