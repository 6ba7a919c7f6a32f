import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { disableUser as disable } from "../accounts/change-user.ts";
import type { Account } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import { id } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id });

/** Disables an account and ends its sessions and tokens. NOT_FOUND; CONFLICT for one's own and for the last administrator. */
export const disableUser = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(({ ctx, input: { userId } }): Promise<Account> => disable(deps, changeBy(ctx, userId)));
