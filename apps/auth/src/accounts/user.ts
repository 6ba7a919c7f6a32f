import type { Database } from "@countersign/database";
import { and, eq } from "drizzle-orm";
import { type UserStatus, users } from "../schema.ts";
import type { PublicUser } from "../sessions/issued.ts";

/** A user as those who administer accounts see it. */
export type Account = PublicUser & { status: UserStatus; createdAt: string };

type UserRow = typeof users.$inferSelect;

/** A user as every answer shows it, field by field: a hash never travels by accident. */
function toPublicUser({ id, email, roles }: Pick<UserRow, "id" | "email" | "roles">): PublicUser {
  return { id, email, roles: [...roles] };
}

export function toAccount(row: UserRow): Account {
  return { ...toPublicUser(row), status: row.status, createdAt: row.createdAt.toISOString() };
}

/** A user as the user sees it. */
export type OwnAccount = PublicUser & {
  /** Whether it is proved that mail to `email` reaches the user. */
  emailVerified: boolean;
};

/** The account of an active user, or null. */
export async function findOwnAccount(db: Database, id: string): Promise<OwnAccount | null> {
  const [row] = await db
    .select()
    .from(users)
    .where(and(eq(users.id, id), eq(users.status, "active")));
  return row === undefined ? null : { ...toPublicUser(row), emailVerified: row.verifiedAt !== null };
}

/** An active user by id, or null. */
export async function findActiveUser(db: Database, id: string): Promise<PublicUser | null> {
  const [row] = await db
    .select({ id: users.id, email: users.email, roles: users.roles })
    .from(users)
    .where(and(eq(users.id, id), eq(users.status, "active")));
  return row === undefined ? null : toPublicUser(row);
}
