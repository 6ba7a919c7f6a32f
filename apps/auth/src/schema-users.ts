import type { Role } from "@countersign/access";
import { index, integer, text, uuid } from "drizzle-orm/pg-core";
import { auth, moment } from "./schema-base.ts";

/** Accounts. `email` is normalised before it comes here, so that uniqueness means one account for one mailbox. */
export const users = auth.table(
  "users",
  {
    id: uuid("id").primaryKey(),
    email: text("email").notNull().unique(),
    /** When somebody proved that mail to `email` reaches them; null until then. */
    verifiedAt: moment("verified_at"),
    /** Null where the person signs in with a provider alone. */
    passwordHash: text("password_hash"),
    roles: text("roles").array().$type<Role[]>().notNull(),
    status: text("status").$type<UserStatus>().notNull(),
    /** Raised by every change of roles, status or password and by a sign-out everywhere: tokens of a lower one have ended. */
    tokenVersion: integer("token_version").notNull().default(0),
    /** The session that changed the password, whose tokens from `keptVersion` on stay good; null after any other change. */
    keptSessionId: uuid("kept_session_id"),
    keptVersion: integer("kept_version"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [index("users_page").on(table.createdAt, table.id)],
);

export type UserStatus = "active" | "disabled";
