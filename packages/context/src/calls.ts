import { type CalleesOf, isService, mayCall, type ServiceName } from "@countersign/access";
import type {
  AnyProcedure,
  AnyRouter,
  AnySubscriptionProcedure,
  inferProcedureInput,
  inferTransformedProcedureOutput,
} from "@trpc/server";
import type { Context } from "./context.ts";
import { pathProxy } from "./path-proxy.ts";
import { t } from "./trpc.ts";

/** The routers of the services that `Caller` calls: only those that the policy in `access` allows. */
export type Callees<Caller extends ServiceName, Routers> = {
  readonly [Name in keyof Routers]: Name extends CalleesOf<Caller> ? AnyRouter : never;
};

/** `ctx.call`: every query and mutation of every callee as a function from its input to its output. */
export type Calls<Routers> = {
  readonly [Name in keyof Routers]: Routers[Name] extends AnyRouter
    ? CallsOfRecord<Routers[Name], Routers[Name]["_def"]["record"]>
    : never;
};

type CallsOfRecord<Router extends AnyRouter, Procedures> = {
  readonly [Name in keyof Procedures as Procedures[Name] extends AnySubscriptionProcedure
    ? never
    : Name]: Procedures[Name] extends AnyProcedure
    ? (
        input: inferProcedureInput<Procedures[Name]>,
      ) => Promise<inferTransformedProcedureOutput<Router, Procedures[Name]>>
    : CallsOfRecord<Router, Procedures[Name]>;
};

/**
 * Declares which services `caller` calls, with their router types. A procedure that calls others says so with
 * `.use(calls)` and then has them, typed, as `ctx.call.<service>.<procedure>(input)`. A service that the policy does
 * not let `caller` call does not compile here, and is refused when it is called all the same.
 *
 * A call that is made for a user goes out on the user's behalf, with a token for that service alone and with the rights
 * that user and caller have in common (RFC 8693); without a user the same line calls as the service itself.
 */
export function defineCalls<Caller extends ServiceName, Routers extends Callees<Caller, Routers>>(caller: Caller) {
  return t.middleware(({ ctx, signal, next }) => {
    if (ctx.gate.service !== caller) throw new Error(`These are the calls of ${caller}, used in ${ctx.gate.service}.`);
    const call = callsFor(ctx, signal) as Calls<Routers>; // the proxy answers to every path; the type says which exist
    return next({ ctx: { call } });
  });
}

function callsFor(ctx: Context, signal: AbortSignal | undefined): unknown {
  return pathProxy([], async ([name = "", ...path], input) => {
    const caller = ctx.gate.service;
    if (!isService(name) || !mayCall(caller, name)) throw new Error(`${caller} may not call "${name}": see access.`);
    const { requestId, trace, subject, deadline, isRepeat } = ctx;
    const follows = { requestId, trace, subject, deadline, isRepeat, signal };
    return ctx.gate.call({ callee: name, path: path.join("."), input, ...follows });
  });
}
