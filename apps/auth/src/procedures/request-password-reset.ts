import { publicProcedure } from "@countersign/context";
import { requestReset } from "../accounts/reset-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { requestMailInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Sends a link for a new password, if the address has an account; the answer is the same for any. NOT_FOUND where no mail is sent, TOO_MANY_REQUESTS. */
export const requestPasswordReset = (deps: RouterDeps) =>
  publicProcedure.input(requestMailInput).mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
    await requestReset(deps, input.email, requesterOf(ctx));
    return { ok: true };
  });
