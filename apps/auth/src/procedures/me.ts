import { invalidCredential, protectedProcedure } from "@countersign/context";
import { findActiveUser } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";
import type { PublicUser } from "../sessions/issued.ts";

/** The user, as the database has it now. */
export const me = (deps: RouterDeps) =>
  protectedProcedure.query(async ({ ctx }): Promise<PublicUser> => {
    const user = await findActiveUser(deps.db, ctx.user.id);
    if (user === null) throw invalidCredential("user_gone");
    return user;
  });
