import { defineStatement, type OpenDatabase } from "@countersign/database";
import type { AccessClaims } from "@countersign/tokens";
import { sql } from "drizzle-orm";
import { type AuditEntry, type AuditOrigin, toRow } from "../audit/record.ts";
import {
  audit,
  clientAssertions,
  outbox,
  serviceClients,
  serviceKeys,
  serviceSecrets,
  sessions,
  users,
} from "../schema.ts";
import { chainOf } from "./chain-of.ts";
import { type ClientProof, clientRefused } from "./client-proof.ts";

/** What a request of a client comes down to in the database. */
export type Request = {
  readonly proof: ClientProof;
  /** The verified token that it is about, if any: does it still stand? */
  readonly token?: AccessClaims | undefined;
  /** Written to the audit log if the client is proved and the token stands. */
  readonly entry?: AuditEntry | undefined;
};

/**
 * Settles a request in one statement: the client's key or secret is in force still, its assertion is used up, the token's
 * session and user stand and nothing revoked it, and the line in the audit log. The assertion is used up also when the token does
 * not stand. The user's row is locked in share mode: a revocation that commits meanwhile is waited for and seen, and one
 * that begins later covers what is issued here.
 *
 * @param origin its `at` is taken before this is called, and no token that is issued for it is dated earlier
 * @returns whether the token stands; true without one
 * @throws OAuthError invalid_client, one description for every cause: unknown or disabled, or an assertion seen before
 */
export async function settle(
  database: Pick<OpenDatabase, "query">,
  { proof, token, entry }: Request,
  origin: AuditOrigin,
): Promise<boolean> {
  const line = entry === undefined ? null : toRow(entry, origin);
  const [found] = await settling(database, {
    client: proof.client,
    ...aboutProof(proof),
    ...aboutToken(token),
    at: origin.at,
    action: line?.action ?? null,
    actor: line?.actor ?? null,
    subject: line?.subject ?? null,
    requestId: line?.requestId ?? null,
    address: line?.address ?? null,
    detail: JSON.stringify(line?.detail ?? {}),
  });
  if (found?.["is_known"] !== true) throw clientRefused("disabled");
  if (found["is_fresh"] !== true) throw clientRefused("assertion_replayed");
  return found["stands"] === true;
}

function aboutProof({ by }: ClientProof) {
  if ("secretId" in by) return { secretId: by.secretId, keyId: null, assertionId: null, rememberUntil: null };
  const { id, rememberUntil } = by.assertion;
  return { secretId: null, keyId: by.keyId, assertionId: id, rememberUntil };
}

function aboutToken(token: AccessClaims | undefined) {
  const hasSession = token !== undefined && token.class !== "service";
  return {
    userId: hasSession ? token.subject : null,
    sessionId: hasSession ? token.sessionId : null,
    revocable: token === undefined ? [] : [token.tokenId, ...exchangedFrom(token), ...servicesOf(token)],
    issuedSecond: token?.issuedAt ?? null,
  };
}

function exchangedFrom(token: AccessClaims): readonly string[] {
  return token.class === "delegated" ? token.exchangedFrom : [];
}

/** Every service that a token speaks for: when one of them is disabled, the token ends. */
function servicesOf(token: AccessClaims): readonly string[] {
  if (token.class === "service") return [token.subject];
  return token.class === "delegated" ? chainOf(token.actor) : [];
}

type Value =
  | "client"
  | "keyId"
  | "secretId"
  | "assertionId"
  | "rememberUntil"
  | "userId"
  | "sessionId"
  | "revocable"
  | "issuedSecond"
  | "at"
  | "action"
  | "actor"
  | "subject"
  | "requestId"
  | "address"
  | "detail";

const value = (name: Value) => sql.placeholder(name);

/** Milliseconds and seconds since the epoch; a number costs less to write than a date, and less to read. */
const moment = (name: Value) => sql`to_timestamp(${value(name)}::float8 / 1000)`;
const second = (name: Value) => sql`to_timestamp(${value(name)}::bigint)`;

const settling = defineStatement<Value>(sql`
  with client as (
    select registered.name from ${serviceClients} registered
    where registered.name = ${value("client")}::text and registered.disabled_at is null and (
      exists (select from ${serviceKeys} held where held.kid = ${value("keyId")}::text
        and held.service = registered.name and held.disabled_at is null)
      or exists (select from ${serviceSecrets} given where given.id = ${value("secretId")}::text
        and given.service = registered.name and given.removed_at is null))
  ), spent as (
    insert into ${clientAssertions} (id, expires_at)
    select ${value("assertionId")}::text, ${moment("rememberUntil")} from client
    where ${value("assertionId")}::text is not null
    on conflict do nothing returning id
  ), proven as (
    select name from client where ${value("assertionId")}::text is null or exists (select from spent)
  ), owner as (
    select account.id from ${users} account
    where account.id = ${value("userId")}::uuid and account.status = 'active'
      and account.tokens_from <= ${second("issuedSecond")} and exists (select from proven)
    for share
  ), session as (
    select one.id from ${sessions} one join owner on owner.id = one.user_id
    where one.id = ${value("sessionId")}::uuid and one.ended_at is null
      and one.idle_expires_at > ${moment("at")} and one.absolute_expires_at > ${moment("at")}
  ), revoked as (
    select id from ${outbox}
    where subject = any(${value("revocable")}::text[])
      and (kind = 'token' or (kind = 'service' and issued_before >= ${value("issuedSecond")}::bigint))
  ), verdict as (
    select exists (select from client) as is_known, exists (select from proven) as is_fresh,
      (${value("sessionId")}::uuid is null or exists (select from session))
        and not exists (select from revoked) as stands
  ), written as (
    insert into ${audit} (at, action, outcome, actor, subject, request_id, address, detail)
    select ${moment("at")}, ${value("action")}::text, 'allowed', ${value("actor")}::text,
      ${value("subject")}::text, ${value("requestId")}::text, ${value("address")}::text, ${value("detail")}::jsonb
    from verdict where is_fresh and stands and ${value("action")}::text is not null
  )
  select is_known, is_fresh, stands from verdict`);
