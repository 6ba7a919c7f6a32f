import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { z } from "zod";

import type { Fetch } from "../src/fetch.ts";

const t = initTRPC.context<{ request: Request; headers: Headers }>().create();

/** A callee in process: real tRPC over `fetch`, which admits the tokens that `admits` does. */
export function createInventory(admits: (token: string) => boolean): { fetch: Fetch; requests: Request[] } {
  const requests: Request[] = [];
  const guarded = t.procedure.use(({ ctx, next }) => {
    const token = ctx.request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (!admits(token)) throw new TRPCError({ code: "UNAUTHORIZED", message: "Not with this token." });
    return next();
  });
  const router = t.router({
    reserve: guarded
      .input(z.object({ quantity: z.int().positive() }))
      .mutation(({ input }) => ({ held: input.quantity })),
    stock: t.router({ level: guarded.input(z.string()).query(({ input }) => `${input}: 7`) }),
    list: guarded.input(z.object({ limit: z.int() }).prefault({ limit: 2 })).query(({ input }) => input.limit),
    forget: guarded.mutation(() => "forgotten"),
    refuse: guarded.input(z.custom<TRPCError["code"]>()).query(({ ctx, input }) => {
      if (input === "TOO_MANY_REQUESTS") ctx.headers.set("retry-after", "7");
      throw new TRPCError({ code: input, message: "Said by inventory." });
    }),
    hang: guarded.mutation(() => new Promise<never>(() => undefined)),
  });
  const fetch: Fetch = (input, init) => {
    const request = new Request(input, init);
    requests.push(request);
    return fetchRequestHandler({
      endpoint: "/trpc",
      req: request,
      router,
      allowMethodOverride: true,
      createContext: ({ resHeaders }) => ({ request, headers: resHeaders }),
    });
  };
  return { fetch, requests };
}
