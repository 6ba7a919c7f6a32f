import type { ServiceName } from "@countersign/access";
import { isNotNull, isNull, sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, moment } from "./schema-base.ts";

/**
 * Every security decision, and what any service refused. A trigger refuses to change or remove a row: it can be given
 * its place in the chain, once, and be removed when it has expired; see the migration and `audit/`.
 */
export const audit = auth.table(
  "audit",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: moment("at").notNull(),
    /** The service that decided. */
    service: text("service").$type<ServiceName | "gateway">().notNull().default("auth"),
    action: text("action").notNull(),
    outcome: text("outcome").$type<AuditOutcome>().notNull(),
    /** A word for the cause, such as `bad_password`. */
    reason: text("reason"),
    /** Who did it: a user id or a service name, or null for someone unknown. */
    actor: text("actor"),
    /** Whom or what it was done to: a user, session, key or service, or the procedure that was refused. */
    subject: text("subject"),
    requestId: text("request_id"),
    /** The client's; of an IPv6 address its /64. */
    address: text("address"),
    detail: jsonb("detail").notNull(),
    /** The key of the event that brought it here; delivered again, it is not written again. */
    eventKey: text("event_key"),
    /** Names the row, once and for all; a copy of the row has the same one (`audit/row-mac.ts`). */
    stamp: uuid("stamp"),
    /** Proves that auth wrote it, until it is sealed: from then on the chain does. */
    mac: text("mac"),
    /** Its place in the chain, from 1 without a gap, and its hash; null until it is sealed (`audit/seal.ts`). */
    position: bigint("position", { mode: "number" }),
    hash: text("hash"),
  },
  (table) => [
    index("audit_of_subject").on(table.subject, table.id),
    index("audit_of_actor").on(table.actor, table.id),
    index("audit_of_actor_and_subject").on(table.actor, table.subject, table.id),
    index("audit_of_service").on(table.service, table.id),
    index("audit_unsealed").on(table.id).where(isNull(table.position)),
    uniqueIndex("audit_chain").on(table.position).where(isNotNull(table.position)),
    uniqueIndex("audit_of_event").on(table.eventKey).where(isNotNull(table.eventKey)),
    uniqueIndex("audit_stamps").on(table.stamp).where(isNotNull(table.stamp)),
  ],
);

export type AuditOutcome = "allowed" | "refused";

/** Where the chain of the audit log begins and ends, in one row; see `audit/anchor.ts`. */
export const auditAnchor = auth.table(
  "audit_anchor",
  {
    id: integer("id").primaryKey(),
    basePosition: bigint("base_position", { mode: "number" }).notNull(),
    baseHash: text("base_hash").notNull(),
    headPosition: bigint("head_position", { mode: "number" }).notNull(),
    headHash: text("head_hash").notNull(),
    mac: text("mac").notNull(),
  },
  (table) => [check("audit_anchor_is_one", sql`${table.id} = 1`)],
);
