import type { Context } from "hono";
import type { Chassis } from "./chassis.ts";
import { readRequestId } from "./request-id.ts";
import type { Peer } from "./serve/types.ts";

/** What Hono hands from one handler of a request to the next: the peer, and the id once somebody has read it. */
export type ServiceEnv = { Bindings: Peer; Variables: { requestId?: string } };

/** A request to a route that is no procedure, and what is known of it before anything is believed. */
export type Arrived = {
  readonly request: Request;
  readonly requestId: string;
  /** The client's, as far as trusted proxies vouch for it. */
  readonly address: string;
};

/** Reads where a request comes from. The line that tells of it names the same id. */
export function readArrived(c: Context<ServiceEnv>, { clientAddress }: Pick<Chassis, "clientAddress">): Arrived {
  const request = c.req.raw;
  const requestId = readRequestId(request.headers);
  c.set("requestId", requestId);
  return { request, requestId, address: clientAddress(addressOf(c), request.headers) };
}

/** The peer's address; an app that is called in process has none. */
export function addressOf(c: Context<ServiceEnv>): string {
  return c.env?.address ?? "";
}
