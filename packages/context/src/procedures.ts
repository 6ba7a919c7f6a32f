import type { Permission, Role, ServiceName } from "@countersign/access";
import type { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { invalidCredential } from "./bearer.ts";
import type { Context, GiveBack, Settled } from "./context.ts";
import { type Access, declareGuard } from "./declared.ts";
import { endWithCredential } from "./end-with-credential.ts";
import { Refusal } from "./errors.ts";
import { holdStream, type StreamHold } from "./hold-stream.ts";
import type { CallingService, User } from "./identity.ts";
import { type Meta, t } from "./trpc.ts";

/** Anyone, signed in or not. A bad credential is refused all the same: it is never taken for none. */
export const publicProcedure = t.procedure.use(guard({ kind: "public" }, () => ({})));

/** A signed-in user, directly or through a service: `ctx.user` is there. UNAUTHORIZED without one. */
export const protectedProcedure = t.procedure.use(guard({ kind: "user" }, (ctx) => ({ user: userOf(ctx) })));

/**
 * A signed-in user who calls directly, for what is the user's alone to do, such as to end sessions: no service does it in
 * the user's name, whatever it passes on. UNAUTHORIZED without a user, FORBIDDEN through a service.
 */
export const directProcedure = t.procedure.use(guard({ kind: "direct" }, (ctx) => ({ user: directUserOf(ctx) })));

/** A user who holds at least one of these roles. UNAUTHORIZED without a user, FORBIDDEN without the role. */
export function roleProcedure(...roles: readonly [Role, ...Role[]]) {
  return t.procedure.use(
    guard({ kind: "role", roles }, (ctx) => {
      const user = userOf(ctx);
      if (!roles.some((role) => user.roles.includes(role))) throw new Refusal("FORBIDDEN", undefined, wrong("role"));
      return { user };
    }),
  );
}

/** A user whose roles grant every one of these permissions. UNAUTHORIZED without a user, FORBIDDEN without one of them. */
export function permissionProcedure(...permissions: readonly [Permission, ...Permission[]]) {
  return t.procedure.use(
    guard({ kind: "permission", permissions }, (ctx) => {
      const user = userOf(ctx);
      const holds = permissions.every((permission) => user.permissions.includes(permission));
      if (!holds) throw new Refusal("FORBIDDEN", undefined, wrong("permission"));
      return { user };
    }),
  );
}

/**
 * One of these services, proved by its own token, for itself or for a user: `ctx.service.name` is one of them.
 * UNAUTHORIZED without a service, FORBIDDEN for another one.
 */
export function serviceProcedure<const Callers extends readonly [ServiceName, ...ServiceName[]]>(...callers: Callers) {
  return t.procedure.use(guard({ kind: "service", callers }, (ctx) => ({ service: callerOf(ctx, callers) })));
}

/**
 * A user through one of these services (RFC 8693): `ctx.user` and `ctx.service` are both there, the user's rights cut to
 * those that the service passes on. UNAUTHORIZED for nobody, FORBIDDEN for a user who calls directly, for a service that
 * calls for itself, and for another service.
 */
export function delegatedProcedure<const Callers extends readonly [ServiceName, ...ServiceName[]]>(
  ...callers: Callers
) {
  return t.procedure.use(
    guard({ kind: "delegated", callers }, (ctx) => ({ user: userOf(ctx), service: callerOf(ctx, callers) })),
  );
}

/**
 * The one guard: admits or refuses by the verified context, then, where the procedure asks for it, by its limits and by
 * the live session, and gives whatever the handler throws its place in the table of errors.
 */
function guard<Narrowed extends object>(access: Access, admit: (ctx: Context) => Narrowed) {
  const middleware = t.middleware(({ ctx, meta, path, type, next }) =>
    ctx.gate.surround(path, async () => {
      const startedAt = performance.now();
      let outcome = "ok";
      let stream: StreamHold | undefined;
      let giveBack: GiveBack | null = null;
      try {
        const admission = await admitted({ ctx, meta, path }, admit);
        const { narrowed } = admission;
        ({ giveBack } = admission);
        requireTime(ctx);
        if (type === "subscription") stream = holdStream(ctx);
        const result = await next({ ctx: narrowed });
        if (!result.ok) throw result.error;
        return stream === undefined ? result : { ...result, data: stream.during(endWithCredential(ctx, result.data)) };
      } catch (error) {
        stream?.release();
        const refusal = ctx.gate.toRefusal(error);
        outcome = refusal.code;
        if (giveBack !== null && isOurFailure(refusal, ctx)) await giveBack();
        throw refusal;
      } finally {
        settle(ctx, { procedure: path, outcome, milliseconds: performance.now() - startedAt });
      }
    }),
  );
  for (const own of middleware._middlewares) declareGuard(own, access);
  return middleware;
}

function settle(ctx: Context, call: Pick<Settled, "procedure" | "outcome" | "milliseconds">): void {
  const { gate, user, service, requestId, trace } = ctx;
  gate.settled({ ...call, userId: user?.id ?? null, service: service?.name ?? null, requestId, trace });
}

/**
 * Whether a call failed on our side alone: it costs its caller nothing of a limit. A caller who goes away, or leaves no
 * time, can bring a failure about at will, and pays for the call.
 */
function isOurFailure(refusal: TRPCError, { request, deadline, gate }: Context): boolean {
  const isCallers = request.signal.aborted || (deadline !== null && gate.now() >= deadline);
  return getHTTPStatusCodeFromError(refusal) >= 500 && !isCallers;
}

/** What a caller was narrowed to, and what makes the call uncounted; null where nothing counted it. */
type Admission<Narrowed> = { readonly narrowed: Narrowed; readonly giveBack: GiveBack | null };

async function admitted<Narrowed>(
  call: { ctx: Context; meta: Meta | undefined; path: string },
  admit: (ctx: Context) => Narrowed,
): Promise<Admission<Narrowed>> {
  const { ctx, meta, path } = call;
  let giveBack: GiveBack | null = null;
  try {
    const narrowed = admit(ctx);
    if (meta?.limits !== undefined) giveBack = await ctx.gate.limit(ctx, { procedure: path, limits: meta.limits });
    if (meta?.freshness === "live") await requireLive(ctx);
    return { narrowed, giveBack };
  } catch (error) {
    if (giveBack !== null && isOurFailure(ctx.gate.toRefusal(error), ctx)) await giveBack();
    const { requestId, address } = ctx;
    const reason = error instanceof Refusal ? (error.reason ?? error.code) : "error";
    const who = { userId: ctx.user?.id ?? null, service: ctx.service?.name ?? null };
    ctx.gate.denied({ procedure: path, reason, ...who, requestId, address });
    throw error;
  }
}

/** What nobody waits for any more is not begun: its work would be lost, and the caller may ask again meanwhile. */
function requireTime({ deadline, gate }: Context): void {
  if (deadline === null || gate.now() < deadline) return;
  throw new Refusal("SERVICE_UNAVAILABLE", "The time for this request is over.", { reason: "deadline_passed" });
}

async function requireLive(ctx: Context): Promise<void> {
  const { user, service, token } = ctx;
  if (token === null) return;
  let live: boolean;
  try {
    live = await ctx.gate.isLive({ user, service, token }, ctx);
  } catch (cause) {
    const options = { cause, reason: "liveness_unknown", retryAfterSeconds: 1 };
    throw new Refusal("SERVICE_UNAVAILABLE", "Whether you are still signed in cannot be checked right now.", options);
  }
  if (!live) throw invalidCredential("session_ended");
}

function userOf(ctx: Context): User {
  if (ctx.user === null) throw signInFirst(ctx);
  return ctx.user;
}

function directUserOf(ctx: Context): User {
  if (ctx.service !== null) throw signInFirst(ctx);
  return userOf(ctx);
}

function callerOf<const Callers extends readonly ServiceName[]>(ctx: Context, callers: Callers) {
  if (ctx.service === null) throw signInFirst(ctx);
  const { name } = ctx.service;
  if (!isOneOf(callers, name)) throw new Refusal("FORBIDDEN", undefined, wrong("caller"));
  const service: CallingService & { readonly name: Callers[number] } = { ...ctx.service, name };
  return service;
}

/** Nobody at all has to sign in; somebody of the other kind has a good credential that does not open this door. */
function signInFirst(ctx: Context): Refusal {
  const anonymous = ctx.user === null && ctx.service === null;
  return new Refusal(anonymous ? "UNAUTHORIZED" : "FORBIDDEN", undefined, {
    reason: anonymous ? "anonymous" : "wrong_kind",
  });
}

function wrong(what: "role" | "permission" | "caller"): { reason: string } {
  return { reason: `wrong_${what}` };
}

function isOneOf<const Names extends readonly string[]>(names: Names, name: string): name is Names[number] {
  return names.includes(name);
}
