import { index, integer, text, uuid } from "drizzle-orm/pg-core";
import { users } from "./schema.ts";
import { auth, moment } from "./schema-base.ts";

/** Links in mails, each good for one use. What is presented is an HMAC over the id, so that this table opens nothing. */
export const links = auth.table(
  "links",
  {
    id: uuid("id").primaryKey(),
    purpose: text("purpose").$type<LinkPurpose>().notNull(),
    /** Null for an account that is yet to be made. */
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** The mailbox that it was sent to: when the account has another address by now, it counts for nothing. */
    email: text("email").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    /** When it was used, or another link of its purpose that ended it. */
    usedAt: moment("used_at"),
    /** The version of the account for which it was made: after a new password or a sign-out everywhere it has another one. */
    userVersion: integer("user_version"),
    /** The hash of the password with which somebody registered. */
    passwordHash: text("password_hash"),
  },
  (table) => [index("links_of_user").on(table.userId), index("links_expiry").on(table.expiresAt)],
);

export type LinkPurpose = "reset" | "verify" | "register" | "change" | "undo" | "sign_in";
