import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { unlockUser as unlock } from "../accounts/unlock-user.ts";
import type { Account } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id });

/** Lets an account be signed in to again after too many wrong passwords. NOT_FOUND. */
export const unlockUser = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(({ ctx, input: { userId } }): Promise<Account> => unlock(deps, changeBy(ctx, userId)));
