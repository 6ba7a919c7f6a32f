import { publicProcedure } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { refreshToken } from "../inputs.ts";
import { requesterOf } from "../requester.ts";
import { deliver, type SignedIn } from "../sessions/deliver.ts";
import { refresh as renew } from "../sessions/refresh.ts";

/** A client that keeps its tokens itself renews them here; the refresh cookie goes to `POST /auth/refresh` alone. */
const input = z.object({ refreshToken, mode: z.literal("bearer").default("bearer") });

/** Gives the next pair of tokens for a refresh token. UNAUTHORIZED when the session is over. */
export const refresh = (deps: RouterDeps) =>
  publicProcedure.input(input).mutation(async ({ ctx, input: { refreshToken: token, mode } }): Promise<SignedIn> => {
    const issued = await renew(deps, { token }, requesterOf(ctx));
    return deliver(issued, mode, { ...deps, headers: ctx.responseHeaders });
  });
