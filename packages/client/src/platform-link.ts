import { isService, type ServiceName } from "@countersign/access";
import {
  httpBatchLink,
  httpLink,
  isNonJsonSerializable,
  type OperationLink,
  TRPCClientError,
  type TRPCClientRuntime,
  type TRPCLink,
} from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable } from "@trpc/server/observable";

import { type CookieUse, type Fetch, runtimeFetch, toLinkFetch } from "./fetch.ts";

export type PlatformLinkOptions = {
  /** The public origin, such as `http://localhost:4000`; `""` in a page that the gateway itself serves. */
  readonly url: string | URL;
  readonly fetch?: Fetch;
  /** Asked once for every HTTP request. */
  readonly headers?: () => Record<string, string> | Promise<Record<string, string>>;
  /** Whether cookies travel; `same-origin` by default, as with `fetch`. */
  readonly credentials?: CookieUse;
};

/** What the platform answers at most in one HTTP request; a server refuses more. */
const maxBatch = 20;
/** Servers and proxies commonly refuse a request line from 8 KiB on. */
const maxUrlLength = 8_000;

/**
 * The last link of a client over all services: sends `orders.place` to `<url>/trpc/orders/place`, batched with whatever
 * else goes to orders in the same tick. Calls of auth go alone (a batch of sign-ins is refused, and cookies are set per
 * answer), and so do inputs that are no JSON (FormData, files). An error's `data.path` names the service again.
 *
 * A first segment that is no declared service is refused without a request, with code BAD_REQUEST.
 */
export function platformLink(options: PlatformLinkOptions): TRPCLink<AnyTRPCRouter> {
  return (runtime) => {
    const links = new Map<ServiceName, OperationLink<AnyTRPCRouter>>();
    return ({ op, next }) =>
      observable((observer) => {
        const [service, path] = splitPath(op.path);
        if (!isService(service) || path === "") return observer.error(unknownService(op.path));
        const link = links.get(service) ?? linkTo(service, options, runtime);
        links.set(service, link);
        const error = (cause: unknown): void => observer.error(withPath(op.path, cause));
        return link({ op: { ...op, path }, next }).subscribe({ ...observer, error });
      });
  };
}

function linkTo(
  service: ServiceName,
  options: PlatformLinkOptions,
  runtime: TRPCClientRuntime,
): OperationLink<AnyTRPCRouter> {
  const settings = {
    url: `${options.url.toString().replace(/\/$/, "")}/trpc/${service}`,
    fetch: toLinkFetch(options.fetch ?? runtimeFetch, { credentials: options.credentials ?? "same-origin" }),
    headers: options.headers ?? {},
  };
  const single = httpLink(settings)(runtime);
  if (service === "auth") return single;
  const batched = httpBatchLink({ ...settings, maxItems: maxBatch, maxURLLength: maxUrlLength })(runtime);
  return (call) => (isNonJsonSerializable(call.op.input) ? single(call) : batched(call));
}

function splitPath(path: string): [service: string, path: string] {
  const dot = path.indexOf(".");
  return dot === -1 ? [path, ""] : [path.slice(0, dot), path.slice(dot + 1)];
}

function unknownService(path: string): TRPCClientError<AnyTRPCRouter> {
  const message = `"${path}" names no procedure of a known service: it is <service>.<procedure>.`;
  return TRPCClientError.from({
    error: { code: -32600, message, data: { code: "BAD_REQUEST", httpStatus: 400, path } },
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The service knows its own paths only; the caller wrote the service's name in front. */
function withPath(path: string, cause: unknown): TRPCClientError<AnyTRPCRouter> {
  const error = TRPCClientError.from<AnyTRPCRouter>(
    cause instanceof Error ? cause : new Error("Unknown error", { cause }),
  );
  const shape: unknown = error.shape;
  if (!isRecord(shape) || !isRecord(shape["data"])) return error;
  const named = { ...shape, data: { ...shape["data"], path } };
  return TRPCClientError.from({ error: named }, { ...(error.meta && { meta: error.meta }) });
}
