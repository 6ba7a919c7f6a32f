import { type Permission, permissionsOf, type Role, roleNames } from "@countersign/access";
import { invalidCredential, Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, arrayOverlaps, eq, ne, sql } from "drizzle-orm";
import { type UserStatus, users } from "../schema.ts";

/** The right to administer accounts; an administrator is an active user who has it, by whichever role. */
const administering: Permission = "users:write";

type Standing = { readonly status: UserStatus; readonly roles: readonly Role[] };

/** Whether a user of this status with these roles can administer accounts. */
export function isAdministrator({ status, roles }: Standing): boolean {
  return status === "active" && permissionsOf(roles).includes(administering);
}

/**
 * Makes every other change of roles or status wait until this transaction ends, on all replicas and at the command line.
 * Taken before any row, so that two administrators who change each other never wait for one another.
 */
export async function lockAdministration(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('countersign.auth.administration', 0))`);
}

/**
 * Reads again what the actor may do: a change that was admitted may have waited for one that took the right away. The
 * caller holds the lock of `lockAdministration`.
 *
 * @throws Refusal UNAUTHORIZED for an account that is disabled or gone, FORBIDDEN for one without the right
 */
export async function requirePermission(tx: Database, actor: string, permission: Permission): Promise<void> {
  const columns = { status: users.status, roles: users.roles };
  const [user] = await tx.select(columns).from(users).where(eq(users.id, actor));
  if (user?.status !== "active") throw invalidCredential("user_gone");
  if (!permissionsOf(user.roles).includes(permission))
    throw new Refusal("FORBIDDEN", undefined, { reason: "wrong_permission" });
}

/**
 * Refuses a change that leaves nobody who can administer accounts. The caller holds the lock of `lockAdministration`, so
 * that the others cannot go meanwhile.
 *
 * @param before the user as stored
 * @param after the user as the change leaves it; null for one that goes
 * @throws Refusal CONFLICT
 */
export async function keepAnAdministrator(
  tx: Database,
  before: Standing & { readonly id: string },
  after: Standing | null,
): Promise<void> {
  if (!isAdministrator(before) || (after !== null && isAdministrator(after))) return;
  const roles = roleNames.filter((role) => permissionsOf([role]).includes(administering));
  const isOther = and(ne(users.id, before.id), eq(users.status, "active"), arrayOverlaps(users.roles, roles));
  const [other] = await tx.select({ id: users.id }).from(users).where(isOther).limit(1);
  if (other !== undefined) return;
  throw new Refusal("CONFLICT", "This is the last administrator; give another account the role first.", {
    field: "userId",
    reason: "last_administrator",
  });
}
