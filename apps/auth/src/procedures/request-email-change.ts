import { directProcedure } from "@countersign/context";
import { requestEmailChange as request } from "../accounts/change-email.ts";
import type { RouterDeps } from "../deps.ts";
import { changeEmailInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/**
 * Sends a link to the address that the user wants, to any address alike. FORBIDDEN (field `password`) when that is wrong,
 * NOT_FOUND where no mail is sent, TOO_MANY_REQUESTS.
 */
export const requestEmailChange = (deps: RouterDeps) =>
  directProcedure
    .meta({ freshness: "live" })
    .input(changeEmailInput)
    .mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
      const { id: userId, sessionId } = ctx.user;
      await request(deps, input, { userId, sessionId, from: requesterOf(ctx) });
      return { ok: true };
    });
