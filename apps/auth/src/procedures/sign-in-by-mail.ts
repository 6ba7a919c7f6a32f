import { publicProcedure } from "@countersign/context";
import { signInByMail as signIn } from "../accounts/sign-in-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { signInByMailInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";

/** Signs in by a link or a code from a mail. NOT_FOUND when it is over or this is off, FORBIDDEN for a wrong code, TOO_MANY_REQUESTS. */
export const signInByMail = (deps: RouterDeps) =>
  publicProcedure.input(signInByMailInput).mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const issued = await signIn(deps, { ...input, ...broughtBy(deps, ctx.request, input) }, requesterOf(ctx));
    return deliver(issued, input.mode, { ...deps, headers: ctx.responseHeaders });
  });
