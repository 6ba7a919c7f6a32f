import { directProcedure } from "@countersign/context";
import { changePassword as change } from "../accounts/change-password.ts";
import type { RouterDeps } from "../deps.ts";
import { changePasswordInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/**
 * Gives the user a new password and ends every other session. FORBIDDEN (field `currentPassword`) when that is wrong,
 * BAD_REQUEST when the new one is the same, TOO_MANY_REQUESTS.
 */
export const changePassword = (deps: RouterDeps) =>
  directProcedure
    .meta({ freshness: "live" })
    .input(changePasswordInput)
    .mutation(async ({ ctx, input }): Promise<{ sessionsEnded: number }> => {
      const { id: userId, sessionId } = ctx.user;
      return { sessionsEnded: await change(deps, input, { userId, sessionId, from: requesterOf(ctx) }) };
    });
