import { type SQL, sql } from "drizzle-orm";
import { audit } from "../schema.ts";

/**
 * The line in the audit log as part of the statement that makes the change, so that neither stands without the other:
 * one for each row of `relation`, whose `id` is the user who did it. The session that it is about is the placeholder
 * `sessionId`, everything else what `signLine` gives: the MAC is made here, of its secret and the actor.
 */
export function lineOfStatement(relation: SQL): SQL {
  const [at, detail] = [sql.param(sql.placeholder("at"), audit.at), sql.param(sql.placeholder("detail"), audit.detail)];
  const value = (name: "action" | "outcome" | "sessionId" | "requestId" | "address" | "stamp" | "secret") =>
    sql.placeholder(name);
  const mac = sql`encode(sha256(convert_to(${value("secret")}::text || ':' || ${relation}.id::text, 'UTF8')), 'hex')`;
  return sql`
    insert into ${audit} (at, action, outcome, actor, subject, request_id, address, detail, stamp, mac)
    select ${at}::timestamptz, ${value("action")}::text, ${value("outcome")}::text, ${relation}.id::text,
      ${value("sessionId")}::text, ${value("requestId")}::text, ${value("address")}::text, ${detail}::jsonb,
      ${value("stamp")}::uuid, ${mac}
    from ${relation}`;
}
