import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { enableUser as enable } from "../accounts/enable-user.ts";
import type { Account } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id });

/** Lets a disabled account sign in again; its sessions and tokens stay ended. NOT_FOUND. */
export const enableUser = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(({ ctx, input: { userId } }): Promise<Account> => enable(deps, changeBy(ctx, userId)));
