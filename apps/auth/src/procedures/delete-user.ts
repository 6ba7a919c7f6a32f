import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { deleteUser as remove } from "../accounts/delete-user.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id });

/** Deletes an account with its sessions and tokens. NOT_FOUND; CONFLICT for one's own and for the last administrator. */
export const deleteUser = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(async ({ ctx, input: { userId } }): Promise<{ sessionsEnded: number }> => {
      const sessionsEnded = await remove(deps, changeBy(ctx, userId));
      return { sessionsEnded };
    });
