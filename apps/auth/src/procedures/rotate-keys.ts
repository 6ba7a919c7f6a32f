import { permissionProcedure, Refusal } from "@countersign/context";
import type { RouterDeps } from "../deps.ts";
import { rotateKeys as rotate } from "../keys/rotate-keys.ts";
import { requesterOf } from "../requester.ts";

/** Publishes the next signing key now; it signs once every verifier can have it. CONFLICT while one waits already. */
export const rotateKeys = (deps: RouterDeps) =>
  permissionProcedure("keys:write")
    .meta({ freshness: "live" })
    .mutation(async ({ ctx }): Promise<{ kid: string }> => {
      const kid = await rotate(deps, { actor: ctx.user.id, from: requesterOf(ctx) });
      if (kid === null)
        throw new Refusal(
          "CONFLICT",
          deps.sharesSecret
            ? "A shared secret is changed by configuration."
            : "The next key is published already and waits for its turn.",
        );
      return { kid };
    });
