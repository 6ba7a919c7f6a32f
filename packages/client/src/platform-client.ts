import { createTRPCClient, type TRPCClient } from "@trpc/client";

import { type PlatformLinkOptions, platformLink } from "./platform-link.ts";
import type { PlatformRouter, PlatformRouters } from "./platform-router.ts";
import { refreshLink } from "./refresh-link.ts";
import { createSession, type Session } from "./session.ts";
import type { SessionMode, SessionOptions } from "./session-options.ts";

export type PlatformClientOptions = Pick<PlatformLinkOptions, "url" | "fetch" | "headers"> &
  /** A session to share with what signs in and out, or how to make one that only this client has. */
  ({ readonly session: Session } | (SessionMode & Pick<SessionOptions, "onSignedOut" | "surroundings">));

/** One client over all services: `client.<service>.<procedure>.query(input)`, or `.mutate(input)`. */
export type PlatformClient<Routers extends PlatformRouters<Routers>> = TRPCClient<PlatformRouter<Routers>>;

/**
 * One typed client over all services, through the gateway: calls are batched per service, and a session that runs out
 * is renewed unnoticed. The router types are the only thing it needs of the services:
 *
 * ```ts
 * const client = createPlatformClient<{ products: ProductsRouter; orders: OrdersRouter }>({ url, mode: "cookie" });
 * await client.orders.place.mutate({ items, idempotencyKey });
 * ```
 *
 * It is `refreshLink` and `platformLink`; build a client from these to have other links beside them.
 */
export function createPlatformClient<Routers extends PlatformRouters<Routers>>(
  options: PlatformClientOptions,
): PlatformClient<Routers> {
  const session = "session" in options ? options.session : createSession(options);
  const headers = async (): Promise<Record<string, string>> => ({
    ...(await options.headers?.()),
    ...(await session.authorization()),
  });
  const { url, fetch } = options;
  const last = platformLink({ url, headers, credentials: session.credentials, ...(fetch && { fetch }) });
  return createTRPCClient<PlatformRouter<Routers>>({ links: [refreshLink(session), last] });
}
