import { isService, type ServiceName } from "@countersign/access";
import { type Probe, probeMethods, probeOf } from "./probe-paths.ts";
import type { Target } from "./target.ts";

/** Where a request goes. `path` is what is asked for there, query included. */
export type Route =
  | { readonly face: "page" | "keys" }
  | { readonly face: "resource"; readonly describes: ServiceName | null }
  | { readonly face: "health"; readonly probe: Probe }
  | { readonly face: "trpc" | "oauth" | "public"; readonly service: ServiceName; readonly path: string }
  | { readonly face: "auth"; readonly service: ServiceName; readonly path: string; readonly isPage: boolean }
  | { readonly face: "api"; readonly api: string; readonly path: string }
  | { readonly face: "web" | "asset" | "tunnel"; readonly path: string };

/** A route on which a request is passed on. */
export type PassingRoute = Extract<Route, { path: string }>;

/** A route that the gateway answers itself. */
export type OwnRoute = Exclude<Route, PassingRoute>;

/** The name of what a route leads to: a service, `api/<name>`, or `web`. */
export function targetOf(route: PassingRoute): string {
  if ("service" in route) return route.service;
  return "api" in route ? `api/${route.api}` : "web";
}

/** What is asked for, such as `orders.place`, without the query, which may hold anything; null where nothing is passed on. */
export function procedureOf(route: Route | null): string | null {
  if (route === null || !("path" in route)) return null;
  const [path = ""] = route.path.split("?", 1);
  return `${targetOf(route)}${path.replace(/^\/trpc\//, ".")}`.slice(0, 256);
}

/** What is configured beside the services: upstreams below `/api/<name>/` by name, and whether there is a web app. */
export type RouteTable = { readonly apis: ReadonlySet<string>; readonly hasWeb: boolean };

/**
 * Finds the route of a request, or null. A path has one spelling: percent-encoding of what needs none, doubled or empty
 * segments and other letter case name nothing, so that no alias reaches a procedure past a rule on its name. The one
 * exception is the comma of a batch, which many clients encode; it goes on decoded. Dot segments, plain or encoded, backslashes
 * and fragments (`#`) are part of no path and of no query.
 */
export function readRoute(method: string, { pathname, search }: Target, table: RouteTable): Route | null {
  if (search.includes("#")) return null;
  if (pathname.startsWith("/api/")) return apiRoute(method, pathname, { search, apis: table.apis });
  const probe = probeOf(pathname);
  if (probe !== null) return probeMethods.has(method) ? { face: "health", probe } : null;
  if (ssfPath.test(pathname)) return ssfRoute(method, pathname + search);
  const reads = method === "GET" || method === "HEAD";
  if (!reads && method !== "POST")
    return table.hasWeb && webMethods.has(method) ? webRoute(method, pathname + search) : null;

  if (pathname.startsWith("/trpc/")) return trpcRoute(pathname, search);
  if (authPath.test(pathname)) return authRoute(pathname, search, reads);
  if (oauthPath.test(pathname)) return { face: "oauth", service: "auth", path: pathname + search };
  if (reads && pathname === gatewayKeysPath) return { face: "keys" };
  if (reads && resourcePath.test(pathname)) return resourceRoute(pathname);
  if (reads && wellKnownPath.test(pathname)) return { face: "public", service: "auth", path: pathname + search };
  if (table.hasWeb) return webRoute(method, pathname + search);
  return reads && pathname === "/" ? { face: "page" } : null;
}

/** A WebSocket is the web app's alone: elsewhere the wish for one means nothing, and the request is answered as any other. */
export function toTunnelRoute(route: Route | null, isUpgrade: boolean): Route | null {
  const isWeb = route?.face === "web" || route?.face === "asset";
  return isUpgrade && isWeb ? { face: "tunnel", path: route.path } : route;
}

/** Where the keys are published that the gateway signs its assertions with. */
const gatewayKeysPath = "/.well-known/gateway-jwks.json";

/** Metadata of protected resources (RFC 9728 §3.1): of the whole platform, and of each service by its path. */
function resourceRoute(pathname: string): Route | null {
  const [, service] = resourcePath.exec(pathname) ?? [];
  if (service === undefined) return { face: "resource", describes: null };
  return isService(service) ? { face: "resource", describes: service } : null;
}

/**
 * What is read at auth's REST face is a page on a person's way, such as to a provider and back. A provider may also post its
 * answer there by a form of its own: nothing that proves anything goes with that, and auth answers with a page of its own.
 */
function authRoute(pathname: string, search: string, reads: boolean): Route {
  const path = pathname + search;
  if (!reads && callbackPath.test(pathname)) return { face: "public", service: "auth", path };
  return { face: "auth", service: "auth", path, isPage: reads };
}

/** Receivers of security events are clients of auth: they show a secret of theirs, and no cookie. */
function ssfRoute(method: string, path: string): Route | null {
  return apiMethods.has(method) ? { face: "oauth", service: "auth", path } : null;
}

function trpcRoute(pathname: string, search: string): Route | null {
  const [, service = "", procedures = ""] = trpcPath.exec(pathname) ?? [];
  if (!isService(service)) return null;
  const called = procedures.includes("%") ? procedures.replaceAll(/%2c/gi, ",") : procedures;
  return procedureNames.test(called) ? { face: "trpc", service, path: `/trpc/${called}${search}` } : null;
}

function apiRoute(method: string, pathname: string, { search, apis }: { search: string; apis: ReadonlySet<string> }) {
  const [, api = "", rest = ""] = apiPath.exec(pathname) ?? [];
  if (!apiMethods.has(method) || !apis.has(api) || !isForeignPath(rest)) return null;
  return { face: "api", api, path: rest + search } as const;
}

/** A file that is read is an asset: no credential of ours goes with it, so that caches may keep it. */
function webRoute(method: string, path: string): Route | null {
  const [pathname = ""] = path.split("?", 1);
  const [, first = ""] = pathname.split("/", 2);
  if (reserved.has(first.toLowerCase()) || !isForeignPath(pathname)) return null;
  const isAsset = (method === "GET" || method === "HEAD") && assetPath.test(pathname);
  return { face: isAsset ? "asset" : "web", path };
}

const apiMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

const webMethods: ReadonlySet<string> = new Set([...apiMethods, "OPTIONS"]);

/** First segments that are an API's, in any spelling: what names nothing there is not the web app's either. */
const reserved: ReadonlySet<string> = new Set([
  "trpc",
  "auth",
  "oauth",
  "ssf",
  "api",
  ".well-known",
  "health",
  "metrics",
]);

const trpcPath = /^\/trpc\/([^/]+)\/([^/]+)$/;
const procedureNames = /^[\w$-]+(\.[\w$-]+)*(,[\w$-]+(\.[\w$-]+)*)*$/;
const authPath = /^\/auth(\/[\w-]+)+$/;
const callbackPath = /^\/auth\/[\w-]+\/callback$/;
const oauthPath = /^\/oauth(\/[\w-]+)+$/;
const ssfPath = /^\/ssf\/[\w-]+$/;
const resourcePath = /^\/\.well-known\/oauth-protected-resource(?:\/trpc\/([^/]+))?$/;
const wellKnownPath = /^\/\.well-known\/[\w-]+(\.[\w-]+)*$/;
const apiPath = /^\/api\/([a-z][a-z0-9-]*)(\/.*)$/;
const assetPath = /\.[a-z0-9]+$/i;

/**
 * A path of somebody else's making: no empty or dot segment, no parameters (`;`), encoded only what has to be (RFC 3986
 * §2.3: a letter, a digit or `-._~` never has), never a slash, a backslash, a percent sign or a control character, and
 * only UTF-8: an overlong `%c0%ae` is a dot to lenient decoders.
 */
function isForeignPath(path: string): boolean {
  return foreignPath.test(path) && !dotSegment.test(path) && (!path.includes("%") || isUtf8(path));
}

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

const dotSegment = /\/\.\.?(\/|$)/;

const foreignPath =
  /^(\/|(\/([\w\-.~!$&'()*+,=:@]|%(2[0-46-9a-c]|3[ac-f]|40|5[bde]|60|7[b-d]|[89a-f][0-9a-f]))+)+\/?)$/i;
