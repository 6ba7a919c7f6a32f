import { publicProcedure } from "@countersign/context";
import { confirmRegistration as confirm } from "../accounts/confirm-registration.ts";
import type { RouterDeps } from "../deps.ts";
import { confirmRegistrationInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { broughtBy } from "../sessions/brought-by.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";

/** Makes the account of a registration that waited for its link, and signs it in. NOT_FOUND (field `token`) when the link is over, FORBIDDEN (field `password`). */
export const confirmRegistration = (deps: RouterDeps) =>
  publicProcedure.input(confirmRegistrationInput).mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const issued = await confirm(deps, { ...input, ...broughtBy(deps, ctx.request, input) }, requesterOf(ctx));
    return deliver(issued, input.mode, { ...deps, headers: ctx.responseHeaders });
  });
