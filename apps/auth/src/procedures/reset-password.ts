import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { type ResetPassword, resetPassword as reset } from "../accounts/reset-password.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id });

/** Gives a user a random password, answered this once, and ends every session. NOT_FOUND; CONFLICT for one's own account. */
export const resetPassword = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(({ ctx, input: { userId } }): Promise<ResetPassword> => reset(deps, changeBy(ctx, userId)));
