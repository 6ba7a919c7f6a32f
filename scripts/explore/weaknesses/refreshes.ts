import { type Weakness, weakness } from "./weakness.ts";

const refresh = "apps/auth/src/sessions/refresh.ts";
const settle = "apps/auth/src/sessions/settle-refresh.ts";
const forgetsFailures = [
  refresh,
  "if (isOurs) deps.failedRefreshes",
  "if (isOurs && at < 0) deps.failedRefreshes",
] as const;

/** What uses a refresh token up, and what ends its session. */
export const refreshWeaknesses: readonly Weakness[] = [
  weakness("a refresh is used up by a failure", forgetsFailures),
  weakness(
    "a refresh rotates before a key is asked for",
    [refresh, "const signer = deps.keys.signer();\n", ""],
    [refresh, "{ at: now, signer,", "{ at: now, signer: deps.keys.signer(),"],
    [refresh, "{ at: deps.now(), signer,", "{ at: deps.now(), signer: deps.keys.signer(),"],
    forgetsFailures,
  ),
  weakness("a slow refresh is dated at its arrival", [
    refresh,
    "if (now - at > moment) await redate(deps, rotated, now);",
    "void [redate, moment];",
  ]),
  weakness("a token is dated before its sign-in", [
    "apps/auth/src/sessions/issue.ts",
    "authenticatedAt: Math.min(began, issuedAt)",
    "authenticatedAt: began",
  ]),
  weakness("the grace allows for no clocks", [settle, "(isForeign ? clockTolerance : 0)", "(isForeign ? 0 : 0)"]),
  weakness("clients that hold their tokens have the grace of pages", [
    "apps/auth/src/sessions/session-life.ts",
    "session.isBearer ? life.bearerGrace : life.grace",
    "session.isBearer ? life.grace : life.grace",
  ]),
  weakness("the grace has no end", [
    settle,
    "newest.rotatedAt.getTime() >= graceSince",
    "newest.rotatedAt.getTime() >= graceSince - 3_600_000",
  ]),
  weakness("a session that has ended is renewed", [
    "apps/auth/src/sessions/rotate.ts",
    "and(isNewest, isRunning(moment), isInTime)",
    "and(isNewest, isInTime)",
  ]),
  weakness("any older refresh token renews", [
    settle,
    'if (generation < newest.generation - 1) return "older_generation";',
    "if (generation < newest.generation - 1) return null;",
  ]),
  weakness("reuse ends no session", [
    settle,
    "await endSession(tx, presented, { reason: over.reason, at });",
    "void endSession;",
  ]),
];
