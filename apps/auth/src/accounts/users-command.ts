import { isRole, type Role, roleNames } from "@countersign/access";
import { eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { type Command, UsageError } from "../cli/command.ts";
import { users } from "../schema.ts";
import { revokeTokensOf } from "../sessions/end-sessions.ts";
import { email } from "./credentials.ts";

const usage = `Usage: npm run users -- roles <e-mail address> <role> [role …]
Roles: ${roleNames.join(", ")}`;

/**
 * Gives an account exactly these roles without anybody signed in: how the first administrator comes to be.
 *
 * @throws UsageError
 */
export async function usersCommand(args: readonly string[], { database, say }: Command): Promise<void> {
  const [verb, given = "", ...wanted] = args;
  const address = email.safeParse(given);
  if (verb !== "roles" || !address.success || wanted.length === 0) throw new UsageError(usage);
  const roles = [...new Set(wanted.map(readRole))];
  await database.db.transaction(async (tx) => {
    const [user] = await tx.select().from(users).where(eq(users.email, address.data)).for("update");
    if (user === undefined) throw new UsageError(`There is no account with the address ${address.data}.`);
    const at = Date.now();
    await tx
      .update(users)
      .set({ roles, updatedAt: new Date(at) })
      .where(eq(users.id, user.id));
    await revokeTokensOf(tx, user.id, at);
    const detail = { before: user.roles, after: roles };
    const entry = {
      action: "user.roles_changed",
      outcome: "allowed",
      actor: "command line",
      subject: user.id,
    } as const;
    await record(tx, { ...entry, detail }, { at, from: null });
  });
  say(`${address.data}: ${roles.join(", ")}; access tokens with the old roles end within seconds`);
}

function readRole(name: string): Role {
  if (isRole(name)) return name;
  throw new UsageError(`There is no role "${name}".\n${usage}`);
}
