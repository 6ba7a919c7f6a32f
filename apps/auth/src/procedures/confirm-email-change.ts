import { publicProcedure } from "@countersign/context";
import { confirmEmailChange as confirm } from "../accounts/change-email.ts";
import type { RouterDeps } from "../deps.ts";
import { linkInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Gives the account of a link the address that the link went to. NOT_FOUND (field `token`) when the link is over. */
export const confirmEmailChange = (deps: RouterDeps) =>
  publicProcedure.input(linkInput).mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
    await confirm(deps, input.token, requesterOf(ctx));
    return { ok: true };
  });
