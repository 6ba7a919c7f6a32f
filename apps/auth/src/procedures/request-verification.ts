import { directProcedure } from "@countersign/context";
import { requestVerification as request } from "../accounts/verify-email.ts";
import type { RouterDeps } from "../deps.ts";
import { requesterOf } from "../requester.ts";

/** Sends the user a link that proves the mailbox, unless that is done. NOT_FOUND where no mail is sent, TOO_MANY_REQUESTS. */
export const requestVerification = (deps: RouterDeps) =>
  directProcedure.mutation(async ({ ctx }): Promise<{ ok: true }> => {
    await request(deps, ctx.user.id, requesterOf(ctx));
    return { ok: true };
  });
