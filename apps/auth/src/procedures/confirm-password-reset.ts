import { publicProcedure } from "@countersign/context";
import { resetByLink } from "../accounts/reset-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { resetByLinkInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Sets the password of the account that a link from a mail is for, and ends every session. NOT_FOUND (field `token`) when the link is over. */
export const confirmPasswordReset = (deps: RouterDeps) =>
  publicProcedure.input(resetByLinkInput).mutation(async ({ ctx, input }): Promise<{ sessionsEnded: number }> => {
    return { sessionsEnded: await resetByLink(deps, input, requesterOf(ctx)) };
  });
