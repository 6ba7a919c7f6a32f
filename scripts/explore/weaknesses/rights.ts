import { type Weakness, weakness } from "./weakness.ts";

const ends = "apps/auth/src/sessions/end-sessions.ts";
const stands = "apps/auth/src/revocations/token-stands.ts";
const known = "packages/context/src/revocations.ts";

/** Which tokens end with what, at auth and at services. */
export const rightsWeaknesses: readonly Weakness[] = [
  weakness(
    "a clock decides which tokens end",
    [ends, "sql`${users.tokenVersion} + 1`", "sql`${Math.floor(at / 1000)}::int`"],
    ["apps/auth/src/sessions/issue.ts", "userVersion: user.tokenVersion", "userVersion: Math.floor(at / 1000)"],
  ),
  weakness("a service ends one version too few", [known, "return version < below ||", "return version < below - 1 ||"]),
  weakness("auth ends one version too few", [
    stands,
    "account.token_version <= ${value",
    "account.token_version - 1 <= ${value",
  ]),
  weakness("live asks about the session alone", [
    stands,
    "where ${standingConditions.account} and ${standingConditions.session}",
    'where account.id = ${value("userId")}::uuid and ${value("userVersion")}::int >= 0 and ${standingConditions.session}',
  ]),
  weakness("live does not ask whether the session stands", [
    stands,
    "where ${standingConditions.account} and ${standingConditions.session}",
    'where ${standingConditions.account} and session.id = ${value("sessionId")}::uuid',
  ]),
  weakness("live does not ask whether the token was revoked", [
    stands,
    "select not exists (${standingConditions.revoked}) and",
    "select",
  ]),
  weakness("live does not ask whether the service is enabled", [
    stands,
    "not exists (${standingConditions.disabled})\n    and",
    "",
  ]),
  weakness("exchange does not ask for the version", [
    "apps/auth/src/oauth/settle.ts",
    "where ${standingConditions.account} and exists (select from proven)",
    'where account.id = ${value("userId")}::uuid and ${value("userVersion")}::int >= 0 and exists (select from proven)',
  ]),
  weakness("exchange does not ask whether the token was revoked", [
    "apps/auth/src/oauth/settle.ts",
    "and not exists (${standingConditions.revoked}) and",
    "and",
  ]),
  weakness("exchange does not ask whether the session stands", [
    "apps/auth/src/oauth/settle.ts",
    "where ${standingConditions.session}",
    'where session.id = ${value("sessionId")}::uuid',
  ]),
  weakness("what was exchanged outlives its origin", [
    known,
    "if (ended.token.has(origin)) return true;",
    'if (origin === "") return true;',
  ]),
  weakness("a disabled service has no version", [
    "apps/auth/src/services/service-keys.ts",
    "sql`${serviceClients.tokenVersion} + 1`",
    "sql`greatest(${serviceClients.tokenVersion}, 1)`",
  ]),
  weakness("a sign-out is not told of", [
    ends,
    'await recordRevocation(tx, { kind: "session", subject: which.sessionId, ...about });',
    "void about;",
  ]),
  weakness("a changed password spares every session's tokens at services", [
    known,
    "version < spared.below && session !== spared.session",
    'version < spared.below && session === ""',
  ]),
  weakness("a changed password ends the tokens of the session that changed it", [
    ends,
    "keep: { keptSessionId: keptId, keptVersion }, except: keptId",
    "keep: keepNone, except: keptId",
  ]),
  weakness("a service ends what a changed password spares", [known, "except === undefined ? bound : 0", "bound"]),
  weakness("a second change of the password ends what the first one spared", [
    ends,
    "when ${users.keptSessionId} = ${keptId} then ${users.keptVersion}",
    "when ${users.keptSessionId} = ${keptId} then ${users.tokenVersion}",
  ]),
  weakness("a late event undoes a newer one", [
    known,
    "Math.max(held?.below ?? 0, except === undefined ? bound : 0)",
    "except === undefined ? bound : (held?.below ?? 0)",
  ]),
  weakness("the wall clock alone sweeps", [
    known,
    "entry.expiresAt < second && entry.heldUntil < at",
    "entry.expiresAt < second",
  ]),
];
