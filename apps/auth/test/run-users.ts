import type { OpenDatabase } from "@countersign/database";
import { usersCommand } from "../src/accounts/users-command.ts";

/** Runs `npm run users` with these words on this database, and gives the lines that it prints. */
export async function runUsers(database: OpenDatabase, ...args: string[]): Promise<readonly string[]> {
  const said: string[] = [];
  const settings = { DATA_DIR: "unused", TOKEN_ALG: "EdDSA" } as const;
  await usersCommand(args, { settings, database, say: (line) => said.push(line) });
  return said;
}
