import { publicProcedure } from "@countersign/context";
import { login as signIn } from "../accounts/login.ts";
import type { RouterDeps } from "../deps.ts";
import { loginInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";

/** Signs a user in. UNAUTHORIZED, alike for every cause; TOO_MANY_REQUESTS. */
export const login = (deps: RouterDeps) =>
  publicProcedure.input(loginInput).mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const issued = await signIn(deps, { ...input, ...broughtBy(deps, ctx.request, input) }, requesterOf(ctx));
    return deliver(issued, input.mode, { ...deps, headers: ctx.responseHeaders });
  });
