import { Refusal } from "@countersign/context";
import { and, asc, count, eq, gt, or } from "drizzle-orm";
import type { CommandWork } from "../cli/command.ts";
import { sessions, users } from "../schema.ts";
import { isRunning } from "../sessions/is-running.ts";

const pageSize = 500;

/** Prints a line for each account, the oldest first, a page at a time. */
export const listAccounts: CommandWork = async ({ database: { db }, say }) => {
  let last: typeof users.$inferSelect | undefined;
  do {
    const after =
      last && or(gt(users.createdAt, last.createdAt), and(eq(users.createdAt, last.createdAt), gt(users.id, last.id)));
    const page = await db
      .select()
      .from(users)
      .where(after)
      .orderBy(asc(users.createdAt), asc(users.id))
      .limit(pageSize);
    for (const user of page) say(describe(user));
    last = page.length < pageSize ? undefined : page.at(-1);
  } while (last !== undefined);
};

/** The work that prints one account and how many sessions of it run. @throws Refusal NOT_FOUND */
export function showAccount(address: string): CommandWork {
  return async ({ database: { db }, say }) => {
    const [user] = await db.select().from(users).where(eq(users.email, address));
    if (user === undefined) throw noSuchAccount(address);
    const isOpen = and(eq(sessions.userId, user.id), isRunning(new Date()));
    const [running] = await db.select({ number: count() }).from(sessions).where(isOpen);
    say(`${describe(user)}  sessions: ${running?.number ?? 0}`);
  };
}

/** The refusal of an address that no account has. */
export function noSuchAccount(address: string): Refusal {
  return new Refusal("NOT_FOUND", `There is no account with the address ${address}.`);
}

function describe({ id, email, status, roles, createdAt }: typeof users.$inferSelect): string {
  return `${email}  ${status}  ${roles.join(", ")}  ${id}  since ${createdAt.toISOString()}`;
}
