import { callersOf } from "@countersign/access";
import { serviceProcedure } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { tokenStands } from "../revocations/token-stands.ts";

const name = z.string().max(255);
const version = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);
const input = z.object({
  tokenId: name,
  exchangedFrom: z.array(name).max(8),
  user: z.object({ id, sessionId: id, version }).nullable(),
  services: z.array(z.object({ name, version })).max(8),
});

/**
 * For services whose procedures ask for `freshness: "live"`: whether a token that they verified counts at this moment, by
 * its session, the version of its user's account, the services that it speaks for, and revocations of itself.
 */
export const isTokenLive = (deps: RouterDeps) =>
  serviceProcedure(...callersOf("auth"))
    .input(input)
    .query(
      async ({ input: facts }): Promise<{ live: boolean }> => ({ live: await tokenStands(deps, facts, deps.now()) }),
    );
