import { initTRPC, TRPCError } from "@trpc/server";

/** What a peer's check leaves in the context. */
export type PeerContext = { readonly user: { readonly id: string } | null };

const t = initTRPC.context<PeerContext>().create();

const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (ctx.user === null) throw new TRPCError({ code: "UNAUTHORIZED" });
  return next({ ctx: { user: ctx.user } });
});

/** The same query as ours, as the documentation of tRPC has it. */
export const peerRouter = t.router({ protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })) });
