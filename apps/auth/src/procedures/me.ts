import { invalidCredential, protectedProcedure } from "@countersign/context";
import { findOwnAccount, type OwnAccount } from "../accounts/user.ts";
import type { RouterDeps } from "../deps.ts";

/** The user, as the database has it now, and whether the mailbox is proved. */
export const me = (deps: RouterDeps) =>
  protectedProcedure.query(async ({ ctx }): Promise<OwnAccount> => {
    const user = await findOwnAccount(deps.db, ctx.user.id);
    if (user === null) throw invalidCredential("user_gone");
    return user;
  });
