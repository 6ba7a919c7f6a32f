import type { HTTPBatchLinkOptions } from "@trpc/client";
import type { AnyTRPCClientTypes } from "@trpc/server";

/** The part of the standard `fetch` that this package uses; `globalThis.fetch` fits, and so does an in-process one. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Whether cookies travel: the standard's `RequestCredentials`, which only browsers' types name. */
export type CookieUse = NonNullable<RequestInit["credentials"]>;

/** What tRPC's links accept as `fetch`. */
export type LinkFetch = NonNullable<HTTPBatchLinkOptions<AnyTRPCClientTypes>["fetch"]>;

/** The `fetch` of the runtime, looked up at each call so that nothing is bound at import. */
export const runtimeFetch: Fetch = (input, init) => globalThis.fetch(input, init);

/**
 * Makes tRPC's links use `fetch`, with `fixed` settings (credentials, redirect) on every request.
 */
export function toLinkFetch(fetch: Fetch, fixed: RequestInit): LinkFetch {
  return (input: string | URL | Request, init) => fetch(input, { ...presentOnly(init ?? {}), ...fixed });
}

/**
 * Libraries type an absent setting as `undefined`, which `exactOptionalPropertyTypes` tells apart from absent; this is the
 * one place that knows.
 */
export function presentOnly(init: object): RequestInit {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}
