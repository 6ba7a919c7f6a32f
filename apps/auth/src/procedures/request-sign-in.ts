import { publicProcedure } from "@countersign/context";
import { requestSignIn as request } from "../accounts/sign-in-by-mail.ts";
import type { RouterDeps } from "../deps.ts";
import { requestMailInput } from "../inputs.ts";
import { requesterOf } from "../requester.ts";

/** Sends a link or a code to sign in with, if the address has an account; the answer is the same for any. NOT_FOUND where this is off, TOO_MANY_REQUESTS. */
export const requestSignIn = (deps: RouterDeps) =>
  publicProcedure.input(requestMailInput).mutation(async ({ ctx, input }): Promise<{ request: string }> => {
    return { request: await request(deps, input.email, requesterOf(ctx)) };
  });
