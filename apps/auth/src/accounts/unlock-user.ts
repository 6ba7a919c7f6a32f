import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { users } from "../schema.ts";
import { type AccountChange, type AccountDeps, changeUser } from "./account-change.ts";
import { type Account, toAccount } from "./user.ts";

/**
 * Lets an account be signed in to again at once, after wrong passwords used up its attempts: they are counted anew from
 * this change of the account on (`takeAttempt`), at every replica.
 *
 * @throws Refusal NOT_FOUND
 */
export async function unlockUser(deps: AccountDeps, change: AccountChange): Promise<Account> {
  const { userId, actor, from } = change;
  return await changeUser(deps, change, async ({ tx, user, at }) => {
    await tx
      .update(users)
      .set({ updatedAt: new Date(at) })
      .where(eq(users.id, userId));
    await record(tx, { action: "user.unlocked", outcome: "allowed", actor, subject: userId }, { at, from });
    return toAccount(user);
  });
}
