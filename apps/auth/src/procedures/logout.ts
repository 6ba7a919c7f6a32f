import { directProcedure } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";
import { requesterOf } from "../requester.ts";
import { clearCookies } from "../sessions/deliver.ts";
import { signOut } from "../sessions/sign-out.ts";

/** Ends the session of the access token, with all its tokens, and removes the cookies. */
export const logout = (deps: RouterDeps) =>
  directProcedure.mutation(async ({ ctx }): Promise<{ ok: true }> => {
    await signOut(deps, { sessionId: ctx.user.sessionId, reason: "logout", from: requesterOf(ctx) });
    clearCookies(ctx.responseHeaders, deps.cookies);
    return { ok: true };
  });
