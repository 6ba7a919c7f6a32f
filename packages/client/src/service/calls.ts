import { type CalleesOf, type ServiceName, services } from "@countersign/access";
import { createTRPCUntypedClient, httpLink, type TRPCUntypedClient } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";

import { codeOf } from "../code-of.ts";
import { type Fetch, toLinkFetch } from "../fetch.ts";
import { ServiceCallError, toServiceCallError } from "./call-error.ts";
import type { ServiceTokens } from "./tokens.ts";
import { within } from "./within.ts";

export type ServiceCallsDeps<Caller extends ServiceName> = {
  readonly caller: Caller;
  /** Where each callee that `access` allows is reached, for example `http://127.0.0.1:4004`. */
  readonly origins: { readonly [Callee in CalleesOf<Caller>]: string };
  readonly tokens: ServiceTokens;
  readonly fetch: Fetch;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a call may take altogether, in milliseconds; 5000 by default. */
  readonly limitMs?: number;
};

/** One call to another service. */
export type ServiceCall = {
  readonly callee: ServiceName;
  /** The procedure's path in the callee's router, such as `reserve` or `sessions.list`. */
  readonly path: string;
  readonly input: unknown;
  /** Passed on as `x-request-id`. */
  readonly requestId: string;
  /** W3C Trace Context, passed on as it is. */
  readonly trace?: { readonly traceparent: string; readonly tracestate: string | null } | undefined;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
  /** When whoever waits gives up, in milliseconds since the epoch; a call never outlives it. */
  readonly deadline?: number | null | undefined;
};

/** Makes a call and gives the callee's output. @throws {ServiceCallError} always, and nothing else, when it fails. */
export type ServiceCalls = (call: ServiceCall) => Promise<unknown>;

/**
 * The header that tells a callee how many milliseconds are left: a duration, as in gRPC, so that the clocks of two
 * machines need not agree. Each hop sends what then remains of its own.
 */
export const timeLeftHeader = "x-request-timeout-ms";

/**
 * Calls other services as `caller`, with `caller`'s own token for exactly the callee. Every call is a POST: at run time
 * nothing says whether a procedure is a query, and an input in a URL would end up in logs. A token that the callee
 * refuses is replaced and the call made once more, for it cannot have done anything yet.
 *
 * @throws when it is made: an origin of an allowed callee is missing or is no http(s) URL
 */
export function createServiceCalls<Caller extends ServiceName>(deps: ServiceCallsDeps<Caller>): ServiceCalls {
  const clients = createClients(deps);
  return async (call) => {
    const { callee, path, signal, deadline } = call;
    const client = clients.get(callee);
    if (client === undefined) throw new Error(`${deps.caller} may not call ${callee}: see the table in access.`);
    const endsAt = Math.min(deps.now() + (deps.limitMs ?? 5_000), deadline ?? Number.POSITIVE_INFINITY);
    try {
      return await within({ ms: endsAt - deps.now(), signal }, (ending) =>
        attempt(deps, client, { ...call, signal: ending, deadline: endsAt }),
      );
    } catch (cause) {
      if (signal?.aborted) throw new ServiceCallError(callee, "CLIENT_CLOSED_REQUEST", { cause });
      throw toServiceCallError(callee, path, cause);
    }
  };
}

type Client = TRPCUntypedClient<AnyTRPCRouter>;
type Sender = Pick<ServiceCallsDeps<ServiceName>, "tokens" | "now">;

async function attempt(sender: Sender, client: Client, call: ServiceCall): Promise<unknown> {
  const token = await sender.tokens.tokenFor(call.callee);
  try {
    return await send(sender, client, { call, token });
  } catch (error) {
    if (codeOf(error) !== "UNAUTHORIZED") throw error;
    sender.tokens.drop(call.callee, token);
    const fresh = await sender.tokens.tokenFor(call.callee);
    if (fresh === token) throw error;
    return await send(sender, client, { call, token: fresh });
  }
}

function send(sender: Sender, client: Client, { call, token }: { call: ServiceCall; token: string }): Promise<unknown> {
  const { path, input, requestId, trace, signal, deadline } = call;
  const headers = {
    authorization: `Bearer ${token}`,
    "x-request-id": requestId,
    ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
    ...(trace?.tracestate ? { tracestate: trace.tracestate } : {}),
    ...(deadline === null || deadline === undefined
      ? {}
      : { [timeLeftHeader]: String(Math.max(1, Math.floor(deadline - sender.now()))) }),
  };
  return client.mutation(path, input, { context: { headers }, ...(signal === undefined ? {} : { signal }) });
}

function createClients<Caller extends ServiceName>(deps: ServiceCallsDeps<Caller>): ReadonlyMap<ServiceName, Client> {
  const callees: readonly ServiceName[] = services[deps.caller].calls;
  const origins: Readonly<Partial<Record<ServiceName, string>>> = deps.origins;
  const fetch = toLinkFetch(deps.fetch, { redirect: "error" }); // a redirect would carry the token elsewhere
  return new Map(
    callees.map((callee) => [callee, createClient(deps.caller, callee, { origin: origins[callee], fetch })]),
  );
}

type Target = { readonly origin: string | undefined; readonly fetch: ReturnType<typeof toLinkFetch> };

function createClient(caller: ServiceName, callee: ServiceName, { origin, fetch }: Target): Client {
  if (origin === undefined || !/^https?:$/.test(URL.parse(origin)?.protocol ?? "")) {
    throw new Error(`${caller} calls ${callee}, but its origin is missing or is no http(s) URL.`);
  }
  const url = new URL("/trpc", origin);
  return createTRPCUntypedClient({ links: [httpLink({ url, fetch, headers: ({ op }) => headersOf(op.context) })] });
}

function headersOf(context: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers = context["headers"];
  return typeof headers === "object" && headers !== null ? Object.fromEntries(Object.entries(headers)) : {};
}
