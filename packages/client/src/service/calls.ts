import { type CalleesOf, type ServiceName, services } from "@countersign/access";
import { TRPCClientError } from "@trpc/client";

import type { Fetch } from "../fetch.ts";
import { type CallClient, createCallClient } from "./call-client.ts";
import { retryAfterOf, ServiceCallError, toServiceCallError } from "./call-error.ts";
import { type Circuits, createCircuits } from "./circuits.ts";
import type { ExchangedTokens } from "./exchanged-tokens.ts";
import { judgeFailure, wasNeverSent } from "./failure.ts";
import { createProcedureTypes, type ProcedureTypes } from "./procedure-types.ts";
import { repeat } from "./repeat.ts";
import { sendCall } from "./send-call.ts";
import type { ServiceCall } from "./service-call.ts";
import type { ServiceTokens } from "./tokens.ts";

export type ServiceCallsDeps<Caller extends ServiceName> = {
  readonly caller: Caller;
  /** Where each callee that `access` allows is reached, for example `http://127.0.0.1:4004`. */
  readonly origins: { readonly [Callee in CalleesOf<Caller>]: string };
  /** With which the caller calls for itself. */
  readonly tokens: ServiceTokens;
  /** With which it calls for a user. */
  readonly exchanged: Pick<ExchangedTokens, "tokenFor" | "drop">;
  readonly fetch: Fetch;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a call may take altogether, in milliseconds; 5000 by default. */
  readonly limitMs?: number;
  /** Which callees are left alone for now; its own unless told. */
  readonly circuits?: Circuits;
  /** From 0 to 1; chance unless told. */
  readonly random?: () => number;
};

/** Makes a call and gives the callee's output. @throws {ServiceCallError} always, and nothing else, when it fails. */
export type ServiceCalls = (call: ServiceCall) => Promise<unknown>;

/**
 * Calls other services as `caller`: with its own token for exactly the callee, or, for a user, with the user's, exchanged
 * for exactly the callee. Every call is a POST: at run time nothing says whether a procedure is a query, and an input in a
 * URL would end up in logs. A token that the callee refuses is replaced and the call made once more, for it cannot have
 * done anything yet.
 *
 * A call that meets no callee, or one that answers 503, is repeated where that cannot do anything twice: a query, a
 * mutation whose input carries an `idempotencyKey`, and whatever was certainly not sent. A callee that fails in a row is
 * left alone for a while, and calls to it fail at once.
 *
 * @throws when it is made: an origin of an allowed callee is missing or is no http(s) URL
 */
export function createServiceCalls<Caller extends ServiceName>(deps: ServiceCallsDeps<Caller>): ServiceCalls {
  const types = createProcedureTypes();
  const clients = createClients(deps, types);
  const { now, limitMs = 5_000, circuits = createCircuits(), random = Math.random } = deps;
  return async (call) => {
    const { callee, signal } = call;
    const client = clients.get(callee);
    if (client === undefined) throw new Error(`${deps.caller} may not call ${callee}: see the table in access.`);
    const allowedMs = Math.min(limitMs, (call.deadline ?? Number.POSITIVE_INFINITY) - now());
    const endsAt = now() + allowedMs;
    const fair = allowedMs >= Math.min(limitMs, fairMs);
    const judge = (error: unknown) => judgeFailure(error, { fair, cancelled: signal?.aborted === true });
    const attempt = (number: number) =>
      sendCall(
        { ...deps, client, circuits, judge },
        { ...call, isRepeat: call.isRepeat === true || number > 1 },
        endsAt,
      );
    const mayRepeat = (error: unknown) =>
      call.isRepeat !== true && judge(error) === "outage" && isHarmless(error, call, types);
    const asksToWaitMs = (error: unknown) => 1_000 * (retryAfterOf(error) ?? 0);
    try {
      return await repeat(attempt, { mayRepeat, asksToWaitMs, endsAt, now, random, signal });
    } catch (cause) {
      if (signal?.aborted) throw new ServiceCallError(callee, "CLIENT_CLOSED_REQUEST", { cause });
      throw toServiceCallError({ ...call, caller: deps.caller }, cause);
    }
  };
}

/** With less than this a callee has had no chance, and a time limit says nothing about it. */
const fairMs = 1_000;

/** Whether the call can be made again without doing anything twice. Without an answer only the callee's word helps. */
function isHarmless(error: unknown, { callee, path, input }: ServiceCall, types: ProcedureTypes): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  return wasNeverSent(error) || types.isQuery(callee, path) || hasIdempotencyKey(input);
}

function hasIdempotencyKey(input: unknown): boolean {
  const key = typeof input === "object" && input !== null && "idempotencyKey" in input ? input.idempotencyKey : null;
  return typeof key === "string" && key !== "";
}

function createClients<Caller extends ServiceName>(
  deps: ServiceCallsDeps<Caller>,
  types: ProcedureTypes,
): ReadonlyMap<ServiceName, CallClient> {
  const callees: readonly ServiceName[] = services[deps.caller].calls;
  const origins: Readonly<Partial<Record<ServiceName, string>>> = deps.origins;
  return new Map(
    callees.map((callee) => {
      const origin = origins[callee];
      if (origin === undefined || !/^https?:$/.test(URL.parse(origin)?.protocol ?? "")) {
        throw new Error(`${deps.caller} calls ${callee}, but its origin is missing or is no http(s) URL.`);
      }
      return [callee, createCallClient(origin, types.learnFrom(callee, deps.fetch))];
    }),
  );
}
