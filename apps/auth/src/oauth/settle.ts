import type { TokenFacts } from "@countersign/context";
import { defineStatement, type OpenDatabase } from "@countersign/database";
import type { AccessClaims } from "@countersign/tokens";
import { sql } from "drizzle-orm";
import { signLine } from "../audit/audited-database.ts";
import { type AuditEntry, type AuditOrigin, toRow } from "../audit/record.ts";
import { factsOf, type StandingValue, standingConditions, toValues } from "../revocations/token-stands.ts";
import { audit, clientAssertions, serviceClients, serviceKeys, serviceSecrets, sessions, users } from "../schema.ts";
import { type ClientProof, clientRefused } from "./client-proof.ts";

/** What a request of a client comes down to in the database. */
export type Request = {
  readonly proof: ClientProof;
  /** The verified token that it is about, if any: does it still stand? */
  readonly token?: AccessClaims | undefined;
  /** Written to the audit log if the client is proved and the token stands. */
  readonly entry?: AuditEntry | undefined;
};

/** What came of it. */
export type Settled = {
  /** Whether the token stands; true without one. */
  readonly stands: boolean;
  /** The version of the client's registration, which tokens that are issued to it have to say. */
  readonly clientVersion: number;
};

/**
 * Settles a request in one statement: the client's key or secret is in force still, its assertion is used up, the token's
 * session and user stand and nothing revoked it, and the line in the audit log. The assertion is used up also when the token does
 * not stand. The user's row is locked in share mode: a change that commits meanwhile is waited for and seen, and one that
 * begins later raises the version above that of what is issued here.
 *
 * @throws OAuthError invalid_client, one description for every cause: unknown or disabled, or an assertion seen before
 */
export async function settle(
  database: Pick<OpenDatabase, "query" | "db">,
  { proof, token, entry }: Request,
  origin: AuditOrigin,
): Promise<Settled> {
  const line = entry === undefined ? null : signLine(database.db, toRow(entry, origin));
  const [found] = await settling(database, {
    client: proof.client,
    ...aboutProof(proof),
    ...aboutToken(token),
    at: Math.trunc(origin.at),
    action: line?.row.action ?? null,
    actor: line?.row.actor ?? null,
    subject: line?.row.subject ?? null,
    requestId: line?.row.requestId ?? null,
    address: line?.row.address ?? null,
    detail: JSON.stringify(line?.row.detail ?? {}),
    stamp: line?.row.stamp ?? null,
    mac: line?.row.mac ?? null,
  });
  if (found?.["is_known"] !== true) throw clientRefused("disabled");
  if (found["is_fresh"] !== true) throw clientRefused("assertion_replayed");
  const stands = found["stands"] === true;
  if (stands) line?.written();
  return { stands, clientVersion: Number(found["client_version"]) };
}

function aboutProof({ by }: ClientProof) {
  if ("secretId" in by) return { secretId: by.secretId, keyId: null, assertionId: null, rememberUntil: null };
  const { id, rememberUntil } = by.assertion;
  return { secretId: null, keyId: by.keyId, assertionId: id, rememberUntil };
}

function aboutToken(token: AccessClaims | undefined) {
  return toValues(token === undefined ? noToken : factsOf(token));
}

const noToken: TokenFacts = { tokenId: "", exchangedFrom: [], user: null, services: [] };

type Value =
  | "client"
  | "keyId"
  | "secretId"
  | "assertionId"
  | "rememberUntil"
  | StandingValue
  | "action"
  | "actor"
  | "subject"
  | "requestId"
  | "address"
  | "detail"
  | "stamp"
  | "mac";

const value = (name: Value) => sql.placeholder(name);

/** Milliseconds since the epoch; a number costs less to write than a date, and less to read. */
const moment = (name: Value) => sql`to_timestamp(${value(name)}::float8 / 1000)`;

const settling = defineStatement<Value>(sql`
  with client as (
    select registered.name, registered.token_version from ${serviceClients} registered
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
    where ${standingConditions.account} and exists (select from proven)
    for share
  ), running as (
    select session.id from ${sessions} session join owner on owner.id = session.user_id
    where ${standingConditions.session}
  ), verdict as (
    select exists (select from client) as is_known, exists (select from proven) as is_fresh,
      coalesce((select token_version from client), 0) as client_version,
      (${value("sessionId")}::uuid is null or exists (select from running))
        and not exists (${standingConditions.revoked}) and not exists (${standingConditions.disabled}) as stands
  ), written as (
    insert into ${audit} (at, action, outcome, actor, subject, request_id, address, detail, stamp, mac)
    select ${moment("at")}, ${value("action")}::text, 'allowed', ${value("actor")}::text,
      ${value("subject")}::text, ${value("requestId")}::text, ${value("address")}::text, ${value("detail")}::jsonb,
      ${value("stamp")}::uuid, ${value("mac")}::text
    from verdict where is_fresh and stands and ${value("action")}::text is not null
  )
  select is_known, is_fresh, stands, client_version from verdict`);
