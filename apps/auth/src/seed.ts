import type { Role } from "@countersign/access";
import { record } from "./audit/record.ts";
import type { Auth } from "./open-auth.ts";
import { users } from "./schema.ts";

/** An account to begin with. */
export type SeedUser = { readonly email: string; readonly password: string; readonly roles: readonly Role[] };

/**
 * Puts accounts in, once: one that is there already stays as it is. Whether there should be any is for the caller to
 * decide; accounts with known passwords have no place in production.
 */
export async function seedUsers({ deps }: Auth, seeds: readonly SeedUser[]): Promise<void> {
  const present = new Set((await deps.db.select({ email: users.email }).from(users)).map(({ email }) => email));
  for (const { email, password, roles } of seeds.filter((seed) => !present.has(seed.email))) {
    const moment = deps.now();
    const at = new Date(moment);
    const passwordHash = await deps.passwords.hash(password);
    const account = { id: deps.newId(), email, passwordHash, roles: [...roles], status: "active" as const };
    const times = { createdAt: at, updatedAt: at };
    await deps.db.transaction(async (tx) => {
      const [made] = await tx
        .insert(users)
        .values({ ...account, ...times })
        .onConflictDoNothing({ target: users.email })
        .returning({ id: users.id });
      if (made === undefined) return;
      const entry = { action: "account.registered", outcome: "allowed", actor: "system", subject: made.id } as const;
      await record(tx, { ...entry, detail: { roles } }, { at: moment, from: null });
    });
  }
}
