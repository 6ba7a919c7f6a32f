import { roleNames } from "@countersign/access";
import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { setRoles } from "../accounts/change-user.ts";
import type { Account } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import { id, role } from "../inputs.ts";
import { changeBy } from "./change-by.ts";

const input = z.object({ userId: id, roles: z.array(role).min(1).max(roleNames.length) });

/** Gives a user exactly these roles; tokens with the old ones end. NOT_FOUND; CONFLICT on one's own right to do this. */
export const setUserRoles = (deps: RouterDeps) =>
  permissionProcedure("users:write")
    .meta({ freshness: "live" })
    .input(input)
    .mutation(({ ctx, input: { userId, roles } }): Promise<Account> => setRoles(deps, roles, changeBy(ctx, userId)));
