import { publicProcedure } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";
import { exchangeInput } from "../inputs.ts";
import { exchangeCode as exchange } from "../providers/sign-in-codes.ts";
import { requesterOf } from "../requester.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";

/** Ends a sign-in with a provider in bearer mode: the one-time code and its verifier for tokens. UNAUTHORIZED. */
export const exchangeCode = (deps: RouterDeps) =>
  publicProcedure.input(exchangeInput).mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const { code, codeVerifier, deviceToken } = input;
    const devices = deviceToken === undefined ? [] : [deviceToken];
    const issued = await exchange(deps, { code, codeVerifier, devices }, requesterOf(ctx));
    return deliver(issued, "bearer", { ...deps, headers: ctx.responseHeaders });
  });
