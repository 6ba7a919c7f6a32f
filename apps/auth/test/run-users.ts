import type { OpenDatabase } from "@countersign/database";
import { readSettings } from "@countersign/service";
import { usersCommand } from "../src/accounts/users-command.ts";

/** Runs `npm run users` with these words on this database, and gives the lines that it prints. */
export async function runUsers(database: OpenDatabase, ...args: string[]): Promise<readonly string[]> {
  const said: string[] = [];
  const settings = readSettings("command", {});
  await usersCommand(args, { settings, database, say: (line) => said.push(line) });
  return said;
}
