import { publicProcedure } from "@countersign/context";
import { register as registerUser } from "../accounts/register.ts";
import type { RouterDeps } from "../deps.ts";
import { registerInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, type Mailed, mailed, type SignedIn } from "../sessions/deliver.ts";

/** Makes an account and signs it in, or sends a link with which it is made, to any address alike. CONFLICT for a known address where no link is sent, TOO_MANY_REQUESTS. */
export const register = (deps: RouterDeps) =>
  publicProcedure.input(registerInput).mutation(async ({ ctx, input }): Promise<SignedIn | Mailed> => {
    const issued = await registerUser(deps, { ...input, ...broughtBy(deps, ctx.request, input) }, requesterOf(ctx));
    if (issued === null) return mailed;
    return deliver(issued, input.mode, { ...deps, headers: ctx.responseHeaders });
  });
