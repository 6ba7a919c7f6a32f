import { sql } from "drizzle-orm";
import { index, integer, jsonb, text, uuid } from "drizzle-orm/pg-core";
import { auth, moment } from "./schema-base.ts";

/**
 * Mail to be sent. A row holds what a mail is about and never a link: the text is composed when it is sent, so that a copy
 * of this table opens no account.
 */
export const mails = auth.table(
  "mails",
  {
    /** Names the mail in its Message-ID, and is the id of the link that it holds. */
    id: uuid("id").primaryKey(),
    recipient: text("recipient").notNull(),
    template: text("template").notNull(),
    params: jsonb("params").$type<MailParams>().notNull(),
    createdAt: moment("created_at").notNull(),
    /** When it is tried next; while a process sends it, when another one may. */
    dueAt: moment("due_at").notNull(),
    /** How often sending it has begun. */
    attempts: integer("attempts").notNull().default(0),
    /** Null while it waits. */
    outcome: text("outcome").$type<MailOutcome>(),
    /** Why the last attempt failed: a status of SMTP or a word, without any address. */
    reason: text("reason"),
    settledAt: moment("settled_at"),
    /** The mail as it was composed, in development without a mail server alone. */
    kept: jsonb("kept").$type<MailContent>(),
  },
  (table) => [
    index("mails_waiting").on(table.dueAt).where(sql`${table.outcome} is null`),
    index("mails_settled").on(table.settledAt),
  ],
);

/** What a mail is about, as its template reads it: ids, an address of the network, never a credential. */
export type MailParams = Readonly<Record<string, string | null>>;

/** `dropped`: there turned out to be nothing to send, such as a reset for an address without an account. */
export type MailOutcome = "sent" | "failed" | "dropped";

/** A mail as its reader sees it. */
export type MailContent = { readonly subject: string; readonly text: string };
