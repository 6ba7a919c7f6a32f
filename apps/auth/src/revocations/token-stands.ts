import type { TokenFacts } from "@countersign/context";
import { defineStatement, type OpenDatabase } from "@countersign/database";
import { type AccessClaims, servicesOf } from "@countersign/tokens";
import { sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { outbox, serviceClients, sessions, users } from "../schema.ts";
import { isRunning } from "../sessions/is-running.ts";

/** What the claims of a token say that decides whether it still counts. */
export function factsOf(claims: AccessClaims): TokenFacts {
  const { tokenId } = claims;
  const services = servicesOf(claims);
  if (claims.class === "service") return { tokenId, exchangedFrom: [], user: null, services };
  const user = { id: claims.subject, sessionId: claims.sessionId, version: claims.userVersion };
  return { tokenId, exchangedFrom: claims.class === "user" ? [] : claims.exchangedFrom, user, services };
}

/**
 * Whether a token counts at this moment: its session stands, its user is active and the version of the account is not
 * older than the last change that ended tokens, every service that it speaks for is enabled, and neither it nor a token
 * that it was exchanged for was revoked. One statement, on what is committed.
 *
 * @param at milliseconds, for the lives of the session
 */
export async function tokenStands(
  database: Pick<OpenDatabase, "query">,
  facts: TokenFacts,
  at: number,
): Promise<boolean> {
  const [found] = await standing(database, { ...toValues(facts), at });
  return found?.["stands"] === true;
}

/** The values of `standingConditions`. */
export function toValues({ tokenId, exchangedFrom, user, services }: TokenFacts) {
  return {
    userId: user?.id ?? null,
    sessionId: user?.sessionId ?? null,
    userVersion: user?.version ?? 0,
    tokenIds: [tokenId, ...exchangedFrom],
    serviceNames: services.map(({ name }) => name),
    serviceVersions: services.map(({ version }) => version),
  };
}

export type StandingValue = keyof ReturnType<typeof toValues> | "at";

const value = (name: StandingValue) => sql.placeholder(name);

/**
 * SQL conditions on a token, shared with the statement that grants tokens. The names `account` and `session` are those of
 * the rows that the statement joins.
 */
export const standingConditions = {
  account: sql`account.id = ${value("userId")}::uuid and account.status = 'active' and (
    account.token_version <= ${value("userVersion")}::int
    or (account.kept_session_id = ${value("sessionId")}::uuid and account.kept_version <= ${value("userVersion")}::int))`,
  session: sql`session.id = ${value("sessionId")}::uuid
    and ${isRunning(sql`to_timestamp(${value("at")}::float8 / 1000)`, alias(sessions, "session"))}`,
  revoked: sql`select from ${outbox} where subject = any(${value("tokenIds")}::text[]) and kind = 'token'`,
  disabled: sql`
    select from unnest(${value("serviceNames")}::text[], ${value("serviceVersions")}::int[]) as spoken(name, version)
    join ${serviceClients} registered on registered.name = spoken.name
    where registered.disabled_at is not null or registered.token_version > spoken.version`,
};

const standing = defineStatement<StandingValue>(sql`
  select not exists (${standingConditions.revoked}) and not exists (${standingConditions.disabled})
    and (${value("userId")}::uuid is null or exists (
      select from ${users} account join ${sessions} session on session.user_id = account.id
      where ${standingConditions.account} and ${standingConditions.session})) as stands`);
