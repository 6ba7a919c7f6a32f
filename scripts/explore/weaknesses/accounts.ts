import { race, type Weakness, weakness } from "./weakness.ts";

const change = "apps/auth/src/accounts/account-change.ts";
const changes = "apps/auth/src/accounts/change-user.ts";
const administrators = "apps/auth/src/accounts/administrators.ts";
const ends = "apps/auth/src/sessions/end-sessions.ts";

/** Changes of accounts, and whether they can be signed in to. */
export const accountWeaknesses: readonly Weakness[] = [
  weakness("changed roles end no token", [changes, "await revokeTokensOf(tx, userId, at);", "void revokeTokensOf;"]),
  weakness("the sessions of a disabled account go on when it is enabled", [
    changes,
    'const sessionsEnded = await endSessionsOf(tx, userId, { reason: "user_disabled", at });',
    "const sessionsEnded = 0; void endSessionsOf; await revokeTokensOf(tx, userId, at);",
  ]),
  weakness("a reset password ends no session", [
    "apps/auth/src/accounts/reset-password.ts",
    'await endSessionsOf(tx, userId, { reason: "password_reset", at })',
    "Number(endSessionsOf === null)",
  ]),
  weakness("a changed password is an event for each session", [
    ends,
    "const keptVersion = sql`case",
    `for (let ended = 0; ended < sessionsEnded; ended += 1)
       await recordRevocation(tx, { kind: "session", subject: crypto.randomUUID(), now: ending.at });
     const keptVersion = sql\`case`,
  ]),
  weakness("a session that has ended can change the password", [
    "apps/auth/src/accounts/change-password.ts",
    "|| !(await stillStands(tx, sessionId, at))",
    "|| !(await stillStands(tx, sessionId, at) || true)",
  ]),
  weakness("the last administrator may go", [
    administrators,
    "if (other !== undefined) return;",
    'if (other !== undefined || before.id !== "") return;',
  ]),
  race("administrators do not wait for each other", [
    administrators,
    "await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('countersign.auth.administration', 0))`);",
    "void [tx, sql];",
  ]),
  weakness("a change forgets that the right to it was taken away meanwhile", [
    change,
    "if (requires !== undefined) await requirePermission(tx, actor, requires);",
    "void [actor, requires, requirePermission];",
  ]),
  weakness("a failure of ours counts as a wrong password", [
    "apps/auth/src/limits/count-refusals.ts",
    "counts = error instanceof Refusal && counted.includes(error.code);",
    "counts = !(error instanceof Refusal) || counted.includes(error.code);",
  ]),
  weakness("an only key waits for its time", [
    "apps/auth/src/keys/lifecycle.ts",
    'return current ?? inState("next").reduce<Key | undefined>(earlier, undefined);',
    "void earlier; return current;",
  ]),
];
