import { publicProcedure } from "@countersign/context";
import { register as registerUser } from "../accounts/register.ts";
import type { RouterDeps } from "../deps.ts";
import { registerInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";

/** Makes an account and signs it in. CONFLICT for a known address, TOO_MANY_REQUESTS. */
export const register = (deps: RouterDeps) =>
  publicProcedure.input(registerInput).mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const issued = await registerUser(deps, { ...input, ...broughtBy(deps, ctx.request, input) }, requesterOf(ctx));
    return deliver(issued, input.mode, { ...deps, headers: ctx.responseHeaders });
  });
