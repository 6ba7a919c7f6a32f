import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { ConfigurationError } from "@countersign/service";
import { inArray } from "drizzle-orm";
import { users } from "../schema.ts";
import { isPasswordOf } from "./passwords.ts";

/** The accounts of the demo. Their passwords are public, so they have no place in production. */
export const demoUsers = [
  { email: "alice@example.com", password: "alice-demo-2026", roles: ["user"] },
  { email: "bob@example.com", password: "bob-demo-2026", roles: ["user"] },
  { email: "admin@example.com", password: "admin-demo-2026", roles: ["user", "admin"] },
] as const;

/** The accounts of the demo that are in the database, with their hashes. */
async function readDemoAccounts(db: Database) {
  const addresses = demoUsers.map(({ email }) => email);
  const columns = { email: users.email, passwordHash: users.passwordHash };
  return await db.select(columns).from(users).where(inArray(users.email, addresses));
}

/** What a database is to the demo: without any account, with accounts of the demo, or with those of others alone. */
export async function demoStateOf(db: Database): Promise<"empty" | "demo" | "others"> {
  if ((await readDemoAccounts(db)).length > 0) return "demo";
  const [other] = await db.select({ id: users.id }).from(users).limit(1);
  return other === undefined ? "empty" : "others";
}

/**
 * Refuses a start while an account of the demo, be it disabled, has its public password. One hash for each account that is
 * there, three at most.
 *
 * @throws ConfigurationError that names the accounts and the commands that mend it
 */
export async function refuseDemoAccounts(db: Database): Promise<void> {
  const open: string[] = [];
  for (const { email, passwordHash } of await readDemoAccounts(db)) {
    const known = demoUsers.find((user) => user.email === email);
    if (known === undefined || passwordHash === null) continue;
    if (await isPasswordOf(passwordHash, known.password)) open.push(email);
  }
  if (open.length === 0) return;
  const addresses = open.toSorted().join(" ");
  throw new ConfigurationError(
    `NODE_ENV is production, and demo accounts have the passwords that everybody knows. Give them others, or delete them:
  npm run users -- reset ${addresses}
  npm run users -- delete ${addresses} --force`,
  );
}

/**
 * Refuses an account of the demo its public password in production, where the next start would be refused otherwise.
 *
 * @param field where the password stands in the input
 * @throws Refusal BAD_REQUEST
 */
export function refusePublicPassword(
  { demo }: { readonly demo: boolean },
  chosen: { readonly email: string; readonly password: string },
  field: string,
): void {
  const isPublic = demoUsers.some(({ email, password }) => email === chosen.email && password === chosen.password);
  if (isPublic && !demo) throw new Refusal("BAD_REQUEST", "Everybody knows this password; choose another.", { field });
}
