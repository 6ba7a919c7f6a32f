import { isService, type ServiceName } from "@countersign/access";
import { type OperationLink, TRPCClientError, type TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable } from "@trpc/server/observable";

import { type CookieUse, type Fetch, runtimeFetch } from "./fetch.ts";
import { serviceLink } from "./service-link.ts";
import { untilAborted } from "./until-aborted.ts";
import { withNamedErrors, withPath } from "./with-path.ts";

export type PlatformLinkOptions = {
  /** The public origin, such as `http://localhost:4000`; `""` in a page that the gateway itself serves. */
  readonly url: string | URL;
  readonly fetch?: Fetch;
  /** Asked once for every HTTP request. */
  readonly headers?: () => Record<string, string> | Promise<Record<string, string>>;
  /** Whether cookies travel; `same-origin` by default, as with `fetch`. */
  readonly credentials?: CookieUse;
};

/**
 * The last link of a client over all services: sends `orders.place` to `<url>/trpc/orders/place`, by the ordinary links of
 * `serviceLink`: batches, streams and subscriptions for each service. An error's `data.path` names the service again.
 *
 * A first segment that is no declared service is refused without a request, with code BAD_REQUEST.
 */
export function platformLink(options: PlatformLinkOptions): TRPCLink<AnyTRPCRouter> {
  const { url, fetch = runtimeFetch, credentials = "same-origin", headers = noHeaders } = options;
  const base = url.toString().replace(/\/$/, "");
  return (runtime) => {
    const links = new Map<ServiceName, OperationLink<AnyTRPCRouter>>();
    return ({ op, next }) =>
      observable((observer) => {
        const [service, path] = splitPath(op.path);
        if (!isService(service) || path === "") return observer.error(unknownService(op.path));
        const isBatched = service !== "auth";
        const own = { url: `${base}/trpc/${service}`, fetch, credentials, headers, isBatched };
        const link = links.get(service) ?? serviceLink(own)(runtime);
        links.set(service, link);
        return untilAborted(op, link({ op: { ...op, path }, next })).subscribe({
          ...observer,
          next: (value) => observer.next(withNamedErrors(op, value)),
          error: (cause) => observer.error(withPath(op.path, cause)),
        });
      });
  };
}

const noHeaders = (): Record<string, string> => ({});

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
