import { directProcedure } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";
import { requesterOf } from "../requester.ts";
import { clearCookies } from "../sessions/deliver.ts";
import { signOutEverywhere } from "../sessions/sign-out.ts";

/** Ends every session of the user, this one too, and every access token issued so far. */
export const logoutEverywhere = (deps: RouterDeps) =>
  directProcedure.mutation(async ({ ctx }): Promise<{ sessionsEnded: number }> => {
    const sessionsEnded = await signOutEverywhere(deps, ctx.user.id, requesterOf(ctx));
    clearCookies(ctx.responseHeaders, deps.cookies);
    return { sessionsEnded };
  });
