import { initTRPC, TRPCError, tracked } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { z } from "zod";

import type { Fetch } from "../src/fetch.ts";

const t = initTRPC.context<{ request: Request; session: TestSession }>().create();
const { router, procedure } = t;

const guarded = procedure.use(({ ctx, next }) => {
  const { authorization, cookie } = Object.fromEntries(ctx.request.headers);
  if (![authorization, cookie].includes(ctx.session.proof)) {
    throw new TRPCError({ code: "UNAUTHORIZED", message: "Sign in." });
  }
  return next();
});

async function tooLate(): Promise<string> {
  throw new TRPCError({ code: "CONFLICT", message: "Too late." });
}

async function* brokenOff(): AsyncGenerator<string, void, undefined> {
  yield "r1";
  throw new TRPCError({ code: "TIMEOUT", message: "Broken off." });
}

const routers = {
  auth: router({
    login: procedure.input(z.object({ email: z.string(), password: z.string() })).mutation(({ input }) => {
      if (input.password !== "right") throw new TRPCError({ code: "UNAUTHORIZED", message: "Wrong." });
      return { user: { id: "u1", email: input.email } };
    }),
    me: guarded.query(() => ({ id: "u1" })),
  }),
  products: router({
    list: procedure
      .input(z.object({ limit: z.int() }))
      .query(({ input }) => ({ items: [{ id: "p1" }].slice(0, input.limit) })),
    get: procedure.input(z.object({ id: z.string() })).query(({ input }) => {
      throw new TRPCError({ code: "NOT_FOUND", message: `No product ${input.id}.` });
    }),
    export: procedure.query(async function* () {
      yield "p1";
      yield "p2";
    }),
    report: procedure.query(() => ({
      title: "Products",
      good: Promise.resolve("p1"),
      bad: tooLate(),
      rows: brokenOff(),
    })),
    upload: procedure.input(z.instanceof(FormData)).mutation(({ input }) => ({ name: input.get("name") })),
  }),
  orders: router({
    mine: guarded.query(() => ["o1"]),
    place: guarded.input(z.object({ productId: z.string() })).mutation(({ input, ctx }) => {
      ctx.session.placed.push(input.productId);
      return { id: `order of ${input.productId}` };
    }),
    watch: guarded.input(z.object({ lastEventId: z.string().optional() })).subscription(async function* ({
      input,
      ctx,
      signal,
    }) {
      for (let at = Number(input.lastEventId ?? 0) + 1; ; at += 1) {
        const step = await ctx.session.watching(at, signal);
        if (step === "end") return;
        if (step === "refuse") throw new TRPCError({ code: "UNAUTHORIZED", message: "Your token has ended." });
        yield tracked(String(at), { at, lastEventId: input.lastEventId ?? null });
      }
    }),
    admin: router({ all: guarded.query(() => ["o1", "o2"]) }),
  }),
};

export type AuthRouter = (typeof routers)["auth"];
export type ProductsRouter = (typeof routers)["products"];
export type OrdersRouter = (typeof routers)["orders"];
export type Routers = { auth: AuthRouter; products: ProductsRouter; orders: OrdersRouter };

/** A subscription gives its next item, ends, or refuses to go on. */
export type Step = "item" | "end" | "refuse";

/** What the platform believes, and what it saw. */
export type TestSession = {
  /** The one `authorization` or `cookie` header that is good now. */
  proof: string;
  /** Answers of `POST /auth/<name>`; what is not here is answered with 404. */
  readonly rest: Record<string, (request: Request) => Response | Promise<Response>>;
  /** Every request, as `METHOD path`. */
  readonly seen: string[];
  readonly requests: Request[];
  /** The `credentials` of every request as it was asked for; not every runtime keeps it on the request. */
  readonly cookieUse: (string | undefined)[];
  readonly placed: string[];
  /** What `orders.watch` does next: `at` counts its items. */
  watching: (at: number, signal: AbortSignal | undefined) => Step | Promise<Step>;
  /** Calls of services wait for this. */
  gate: Promise<void>;
};

/** How auth refuses a session that is over. */
export function sessionOver(): Response {
  const data = { code: "UNAUTHORIZED", httpStatus: 401 };
  return Response.json({ error: { code: -32001, message: "Sign in again.", data } }, { status: 401 });
}

/** A gateway with three services behind it, in process. */
export function createPlatform(): TestSession & { readonly fetch: Fetch } {
  const session: TestSession = {
    proof: "Bearer a1",
    rest: {},
    seen: [],
    requests: [],
    cookieUse: [],
    placed: [],
    watching: (at) => (at > 3 ? "end" : "item"),
    gate: Promise.resolve(),
  };
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    session.seen.push(`${request.method} ${pathname}`);
    session.requests.push(request.clone());
    session.cookieUse.push(init?.credentials);
    const [, face, name = ""] = pathname.split("/");
    if (face === "auth") return (await session.rest[name]?.(request)) ?? new Response(null, { status: 404 });
    const served = Object.entries(routers).find(([service]) => service === name)?.[1];
    if (served === undefined) return new Response(null, { status: 404 });
    await session.gate;
    const createContext = (): { request: Request; session: TestSession } => ({ request, session });
    return fetchRequestHandler({ endpoint: `/trpc/${name}`, req: request, router: served, createContext });
  };
  return Object.assign(session, { fetch });
}
