import { directProcedure, Refusal } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { signOut } from "../sessions/sign-out.ts";

const input = z.object({ sessionId: id });

/** Ends one of the user's own sessions. NOT_FOUND for any other, and for one that is over. */
export const revokeSession = (deps: RouterDeps) =>
  directProcedure.input(input).mutation(async ({ ctx, input: { sessionId } }): Promise<{ ok: true }> => {
    const which = { sessionId, userId: ctx.user.id, reason: "revoked", from: requesterOf(ctx) } as const;
    if (!(await signOut(deps, which))) throw new Refusal("NOT_FOUND", "You have no such session.");
    return { ok: true };
  });
