import { publicProcedure } from "@countersign/context";
import { verifyEmail as verify } from "../accounts/verify-email.ts";
import type { RouterDeps } from "../deps.ts";
import { verifyEmailInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Writes down that mail reaches the owner of the account of a link. NOT_FOUND (field `token`) when the link is over, FORBIDDEN (field `password`). */
export const verifyEmail = (deps: RouterDeps) =>
  publicProcedure.input(verifyEmailInput).mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
    await verify(deps, input, requesterOf(ctx));
    return { ok: true };
  });
