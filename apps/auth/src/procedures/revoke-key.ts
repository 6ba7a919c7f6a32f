import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";
import { revokeKey as revoke } from "../keys/revoke-key.ts";
import { requesterOf } from "../requester.ts";

const input = z.object({ kid: z.string().min(1).max(128) });

/** Drops a signing key everywhere at once: all that it signed ends. NOT_FOUND for one that is not in use. */
export const revokeKey = (deps: RouterDeps) =>
  permissionProcedure("keys:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(async ({ ctx, input: { kid } }): Promise<{ ok: true }> => {
      await revoke(deps, kid, { actor: ctx.user.id, from: requesterOf(ctx) });
      return { ok: true };
    });
