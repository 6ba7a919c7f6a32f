/** A guard that is taken away, or a fault that was mended once and is put back. */
export type Weakness = {
  readonly name: string;
  /** Each text stands in the file exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
};

const auth = "apps/auth/src";
const context = "packages/context/src";

function weakness(
  name: string,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Weakness {
  return { name, edits: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}

const ends = `${auth}/sessions/end-sessions.ts`;
const stands = `${auth}/revocations/token-stands.ts`;
const follow = `${context}/follow-revocations.ts`;
const known = `${context}/revocations.ts`;

export const weaknesses: readonly Weakness[] = [
  weakness(
    "a clock decides which tokens end",
    [ends, "sql`${users.tokenVersion} + 1`", "sql`${Math.floor(at / 1000)}::int`"],
    [`${auth}/sessions/issue.ts`, "userVersion: user.tokenVersion", "userVersion: Math.floor(at / 1000)"],
  ),
  weakness("changed roles end no token", [
    `${auth}/accounts/change-user.ts`,
    "await revokeTokensOf(tx, userId, at);",
    "void revokeTokensOf;",
  ]),
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
  weakness("exchange does not ask for the version", [
    `${auth}/oauth/settle.ts`,
    "where ${standingConditions.account} and exists (select from proven)",
    'where account.id = ${value("userId")}::uuid and ${value("userVersion")}::int >= 0 and exists (select from proven)',
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
  weakness("a sign-out is not told of", [
    ends,
    'await recordRevocation(tx, { kind: "session", subject: which.sessionId, ...about });',
    "void about;",
  ]),
  weakness("a disabled service has no version", [
    `${auth}/services/service-keys.ts`,
    "sql`${serviceClients.tokenVersion} + 1`",
    "sql`greatest(${serviceClients.tokenVersion}, 1)`",
  ]),
  weakness("what was exchanged outlives its origin", [
    known,
    "if (ended.token.has(origin)) return true;",
    'if (origin === "") return true;',
  ]),
  weakness("events need no signature", [
    "packages/tokens/src/security-event.ts",
    "checkSignature(compact, await keys.find(header.kid, header.algorithm), header.algorithm);",
    "void checkSignature;",
  ]),
  weakness("gaps are ignored", [`${context}/feed-sequence.ts`, "hasGap: () => applied < last", "hasGap: () => false"]),
  weakness("a repeated heartbeat proves something", [
    `${context}/feed-sequence.ts`,
    "position.beat === undefined || position.beat <= beat",
    "position.beat === undefined",
  ]),
  weakness("a stream that was purged is complete", [
    follow,
    "busState = next;",
    'busState = next; if (next === "live") prove(elapsed());',
  ]),
  weakness("numbers have gaps", [
    `${auth}/revocations/number-revocations.ts`,
    "::bigint + waiting.place",
    "::bigint + waiting.place + 1",
  ]),
  weakness("the wall clock alone sweeps", [
    known,
    "entry.expiresAt < second && entry.heldUntil < at",
    "entry.expiresAt < second",
  ]),
  weakness("a refresh is used up by a failure", [
    `${auth}/sessions/refresh.ts`,
    "if (isOurs) deps.failedRefreshes",
    "if (isOurs && at < 0) deps.failedRefreshes",
  ]),
  weakness(
    "a refresh rotates before a key is asked for",
    [`${auth}/sessions/refresh.ts`, "const signer = deps.keys.signer();\n", ""],
    [`${auth}/sessions/refresh.ts`, "{ at: now, signer }", "{ at: now, signer: deps.keys.signer() }"],
    [`${auth}/sessions/refresh.ts`, "{ at: deps.now(), signer }", "{ at: deps.now(), signer: deps.keys.signer() }"],
    [`${auth}/sessions/refresh.ts`, "if (isOurs) deps.failedRefreshes", "if (isOurs && at < 0) deps.failedRefreshes"],
  ),
  weakness(
    "a token is dated before its sign-in",
    [`${auth}/sessions/issue.ts`, "Math.max(second, Math.min(began, second + clockTolerance / 1000))", "second"],
    [`${auth}/sessions/issue.ts`, "Math.min(began, issuedAt)", "began"],
  ),
  weakness("the grace allows for no clocks", [
    `${auth}/sessions/settle-refresh.ts`,
    "(isForeign ? clockTolerance : 0)",
    "(isForeign ? -clockTolerance : 0)",
  ]),
  weakness("the grace has no end", [
    `${auth}/sessions/settle-refresh.ts`,
    "newest.rotatedAt.getTime() >= graceSince",
    "newest.rotatedAt.getTime() >= graceSince - 3_600_000",
  ]),
  weakness("the last administrator may go", [
    `${auth}/accounts/administrators.ts`,
    "if (other !== undefined) return;",
    'if (other !== undefined || before.id !== "") return;',
  ]),
];
