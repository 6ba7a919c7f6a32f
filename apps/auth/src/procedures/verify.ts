import { publicProcedure } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";
import { verifyInput } from "../inputs.ts";
import { type Verified, verifyToken } from "../sessions/verify-token.ts";

/** What an access token is worth now. Whoever holds it may ask; a worthless one is an answer, not an error. */
export const verify = (deps: RouterDeps) =>
  publicProcedure.input(verifyInput).mutation(({ input }): Promise<Verified> => verifyToken(deps, input));
