import type { Role } from "@countersign/access";
import type { Database } from "@countersign/database";
import { record } from "./audit/record.ts";
import type { Auth } from "./open-auth.ts";
import { users } from "./schema.ts";

/** An account to begin with. */
export type SeedUser = { readonly email: string; readonly password: string; readonly roles: readonly Role[] };

/**
 * Puts accounts in, all or none: one that is there already stays as it is. Whether there should be any is for the caller
 * to decide; accounts with known passwords have no place in production.
 */
export async function seedUsers({ deps }: Auth, seeds: readonly SeedUser[]): Promise<void> {
  const present = new Set((await deps.db.select({ email: users.email }).from(users)).map(({ email }) => email));
  const missing = seeds.filter(({ email }) => !present.has(email));
  const hashes = await Promise.all(missing.map(({ password }) => deps.passwords.hash(password)));
  await deps.db.transaction(async (tx) => {
    for (const [index, { email, roles }] of missing.entries()) {
      const passwordHash = hashes[index];
      if (passwordHash !== undefined) await addAccount(tx, deps, { email, passwordHash, roles });
    }
  });
}

type Seeded = Pick<SeedUser, "email" | "roles"> & { readonly passwordHash: string };

async function addAccount(tx: Database, deps: Auth["deps"], { email, passwordHash, roles }: Seeded): Promise<void> {
  const moment = deps.now();
  const at = new Date(moment);
  const account = { id: deps.newId(), email, passwordHash, roles: [...roles], status: "active" as const };
  const times = { createdAt: at, updatedAt: at };
  const [made] = await tx
    .insert(users)
    .values({ ...account, ...times })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (made === undefined) return;
  const entry = { action: "account.registered", outcome: "allowed", actor: "system", subject: made.id } as const;
  await record(tx, { ...entry, detail: { roles } }, { at: moment, from: null });
}
