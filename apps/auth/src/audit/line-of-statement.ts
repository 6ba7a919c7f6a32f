import { type SQL, sql } from "drizzle-orm";
import { audit } from "../schema.ts";

/**
 * The line in the audit log as part of the statement that makes the change, so that neither stands without the other:
 * one for each row of `relation`, whose `id` is the user who did it. The session that it is about is the placeholder
 * `sessionId`, everything else what `toRow` gives.
 */
export function lineOfStatement(relation: SQL): SQL {
  const [at, detail] = [sql.param(sql.placeholder("at"), audit.at), sql.param(sql.placeholder("detail"), audit.detail)];
  const value = (name: "action" | "outcome" | "sessionId" | "requestId" | "address") => sql.placeholder(name);
  return sql`
    insert into ${audit} (at, action, outcome, actor, subject, request_id, address, detail)
    select ${at}::timestamptz, ${value("action")}::text, ${value("outcome")}::text, ${relation}.id::text,
      ${value("sessionId")}::text, ${value("requestId")}::text, ${value("address")}::text, ${detail}::jsonb
    from ${relation}`;
}
