import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { users } from "../schema.ts";
import { type AccountChange, type AccountDeps, changeUser } from "./account-change.ts";
import { type Account, toAccount } from "./user.ts";

/**
 * Lets a disabled account sign in again, with the password and the roles that it had. Its sessions and tokens stay
 * ended. Doing it again changes nothing.
 *
 * @throws Refusal NOT_FOUND
 */
export async function enableUser(deps: AccountDeps, change: AccountChange): Promise<Account> {
  const { userId, actor, from } = change;
  return await changeUser(deps, change, async ({ tx, user, at }) => {
    if (user.status === "active") return toAccount(user);
    await tx
      .update(users)
      .set({ status: "active", updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    await record(tx, { action: "user.enabled", outcome: "allowed", actor, subject: userId }, { at, from });
    return toAccount({ ...user, status: "active" });
  });
}
