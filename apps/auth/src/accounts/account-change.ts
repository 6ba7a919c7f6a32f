import type { Permission } from "@countersign/access";
import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { eq } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { users } from "../schema.ts";
import { lockAdministration, requirePermission } from "./administrators.ts";

/** What a change of an account works with. A command's relay does nothing: a running auth looks into the outbox itself. */
export type AccountDeps = Pick<AuthDeps, "db" | "now"> & { readonly relay: Pick<AuthDeps["relay"], "flush"> };

/** Which account is changed, and by whom. */
export type AccountChange = {
  readonly userId: string;
  /** An administrator's user id, or `command line`. */
  readonly actor: string;
  /** Null at the command line. */
  readonly from: Requester | null;
  /** The right that the actor must still have when the change is made; unset at the command line. */
  readonly requires?: Permission;
  /** Lets the last administrator go as well: at the command line alone, where another one can be made. */
  readonly force?: boolean;
};

/** An account that nobody else changes until the transaction ends. */
export type LockedAccount = {
  readonly tx: Database;
  readonly user: typeof users.$inferSelect;
  /** Milliseconds; taken after the row was locked. */
  readonly at: number;
};

/**
 * Changes an account in one transaction, one administrator at a time, and publishes what it revokes.
 *
 * @param work writes the change and its line in the audit log
 * @throws Refusal NOT_FOUND; UNAUTHORIZED or FORBIDDEN when the actor lost the right to do this meanwhile
 */
export async function changeUser<Result>(
  deps: AccountDeps,
  { userId, actor, requires }: AccountChange,
  work: (account: LockedAccount) => Promise<Result>,
): Promise<Result> {
  const result = await deps.db.transaction(async (tx) => {
    await lockAdministration(tx);
    if (requires !== undefined) await requirePermission(tx, actor, requires);
    const user = await lockUser(tx, userId);
    return await work({ tx, user, at: deps.now() });
  });
  await deps.relay.flush();
  return result;
}

/** Holds the account until the transaction ends; the time of a change is taken after this, never before. */
export async function lockUser(tx: Database, userId: string): Promise<typeof users.$inferSelect> {
  const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
  if (user === undefined) throw new Refusal("NOT_FOUND", "There is no such user.");
  return user;
}

/** The refusal of a change that administrators may not make to their own account. */
export function notOnYourself(message: string): Refusal {
  return new Refusal("CONFLICT", message, { field: "userId", reason: "own_account" });
}
