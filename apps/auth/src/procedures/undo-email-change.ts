import { publicProcedure } from "@countersign/context";
import { undoEmailChange as undo } from "../accounts/undo-email-change.ts";
import type { RouterDeps } from "../deps.ts";
import { linkInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Takes the change of an account's address back, and ends its sessions and its password. NOT_FOUND (field `token`) when the link is over. */
export const undoEmailChange = (deps: RouterDeps) =>
  publicProcedure.input(linkInput).mutation(async ({ ctx, input }): Promise<{ sessionsEnded: number }> => {
    return { sessionsEnded: await undo(deps, input.token, requesterOf(ctx)) };
  });
