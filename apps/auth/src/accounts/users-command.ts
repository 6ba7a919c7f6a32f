import { isRole, type Role, roleNames } from "@countersign/access";
import { Refusal } from "@countersign/context";
import { eq } from "drizzle-orm";
import { type Command, type CommandWork, UsageError } from "../cli/command.ts";
import { users } from "../schema.ts";
import type { AccountChange, AccountDeps } from "./account-change.ts";
import { argon2Cost } from "./argon2-cost.ts";
import { disableUser, setRoles } from "./change-user.ts";
import { email } from "./credentials.ts";
import { deleteUser } from "./delete-user.ts";
import { enableUser } from "./enable-user.ts";
import { listAccounts, noSuchAccount, showAccount } from "./list-accounts.ts";
import { createPasswords } from "./passwords.ts";
import { resetPassword } from "./reset-password.ts";
import { unlockUser } from "./unlock-user.ts";

const usage = `Usage: npm run users -- <command>
  list                             every account, the oldest first
  show <address>                   one account, and its sessions
  roles <address> <role> [role …]  exactly these roles: how the first administrator comes to be
  disable <address> …              no sign-in, and every session and token ends
  enable <address> …               lets a disabled account sign in again
  unlock <address> …               lets it be signed in to at once, after too many wrong passwords
  reset <address> …                a new random password, shown this once; every session and token ends
  delete <address> …               the account is gone with its sessions and tokens, and the address is free
  --force                          with roles, disable or delete: the last administrator too
Roles: ${roleNames.join(", ")}`;

/**
 * Reads what `npm run users` is asked for. Nobody has to be signed in; the audit log names the command line as the actor.
 *
 * @returns the work, which throws Refusal NOT_FOUND for an unknown address and CONFLICT for the last administrator
 * @throws UsageError
 */
export function readUsersCommand(args: readonly string[]): CommandWork {
  const [verb = "", ...rest] = args;
  const force = rest.includes("--force");
  const [first, ...others] = rest.filter((word) => word !== "--force");
  if (verb === "list" && rest.length === 0) return listAccounts;
  if (verb === "show" && first !== undefined && rest.length === 1) return showAccount(readAddress(first));
  if (verb === "roles" && first !== undefined && others.length > 0) {
    const roles = others.map(readRole);
    return each([readAddress(first)], { force }, async (deps, change) => {
      const account = await setRoles(deps, roles, change);
      return `${account.roles.join(", ")}; access tokens with the old roles end within seconds`;
    });
  }
  const work = Object.hasOwn(works, verb) ? works[verb] : undefined;
  const mayForce = ["disable", "delete"].includes(verb);
  if (work === undefined || first === undefined || (force && !mayForce)) throw new UsageError(usage);
  return each([first, ...others].map(readAddress), { force }, work);
}

/** `npm run users` with these words. @throws as `readUsersCommand` and its work do */
export async function usersCommand(args: readonly string[], command: Command): Promise<void> {
  await readUsersCommand(args)(command);
}

/** Changes one account and says what has come of it. */
type Work = (deps: AccountDeps, change: AccountChange) => Promise<string>;

const works: Readonly<Record<string, Work>> = {
  async disable(deps, change) {
    await disableUser(deps, change);
    return "disabled; sessions and tokens end within seconds";
  },
  async enable(deps, change) {
    await enableUser(deps, change);
    return "enabled; may sign in again";
  },
  async unlock(deps, change) {
    await unlockUser(deps, change);
    return "may be signed in to again at once";
  },
  async reset(deps, change) {
    const passwords = await createPasswords({ cost: argon2Cost, slots: 1, waiting: 1 });
    const { password, sessionsEnded } = await resetPassword({ ...deps, passwords }, change);
    return `${counted(sessionsEnded)} ended; the new password, not shown again: ${password}`;
  },
  async delete(deps, change) {
    return `deleted; ${counted(await deleteUser(deps, change))} ended`;
  },
};

/** Does the work for each address, one after the other. A running auth publishes what is revoked within a second. */
function each(addresses: readonly string[], { force }: { readonly force: boolean }, work: Work): CommandWork {
  return async ({ database: { db }, say }) => {
    const deps: AccountDeps = { db, now: Date.now, relay: { flush: async () => undefined } };
    for (const address of addresses) {
      const [user] = await db.select({ id: users.id }).from(users).where(eq(users.email, address));
      if (user === undefined) throw noSuchAccount(address);
      const change = { userId: user.id, actor: "command line", from: null, force };
      say(`${address}: ${await work(deps, change).catch(offerForce)}`);
    }
  };
}

/** Says to an operator what an administrator is not offered: the last administrator can be let go on purpose. */
function offerForce(error: unknown): never {
  if (!(error instanceof Refusal) || error.reason !== "last_administrator") throw error;
  throw new Refusal("CONFLICT", `${error.message} To do it all the same, add --force.`, { reason: error.reason });
}

function readAddress(given: string): string {
  const address = email.safeParse(given);
  if (!address.success) throw new UsageError(`"${given}" is no e-mail address.\n${usage}`);
  return address.data;
}

function readRole(name: string): Role {
  if (isRole(name)) return name;
  throw new UsageError(`There is no role "${name}".\n${usage}`);
}

function counted(sessions: number): string {
  return sessions === 1 ? "1 session" : `${sessions} sessions`;
}
