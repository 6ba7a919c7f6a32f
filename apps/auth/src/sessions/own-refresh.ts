import { and, eq, inArray } from "drizzle-orm";
import type { AuthDeps } from "../deps.ts";
import { sessions, users } from "../schema.ts";
import { isRunning } from "./is-running.ts";
import { refreshRefused } from "./refresh.ts";

/** A refresh token of ours, as its MAC proves. */
type OwnRefresh = { readonly token: string; readonly sessionId: string; readonly generation: number };

/**
 * The refresh tokens of ours among the values of cookies of that name, in their order. Each is told by its MAC, whatever
 * stands beside it. Of several tokens of one session the newest is given: to present an older one would be reuse.
 */
export function ownRefreshTokens({ refreshTokens }: AuthDeps, values: readonly string[]): readonly OwnRefresh[] {
  const newest = new Map<string, OwnRefresh>();
  for (const token of values) {
    const read = refreshTokens.read(token);
    if (read === null) continue;
    const known = newest.get(read.sessionId);
    if (known === undefined || known.generation < read.generation) newest.set(read.sessionId, { token, ...read });
  }
  return [...newest.values()];
}

/**
 * The one refresh token to renew a session with: of several sessions the one that still runs. Null where none of the values
 * is a token of ours.
 *
 * @throws Refusal UNAUTHORIZED where two sessions run: whose the browser is cannot be told
 */
export async function chooseRefreshToken(deps: AuthDeps, values: readonly string[]): Promise<string | null> {
  const own = ownRefreshTokens(deps, values);
  const [first, ...others] = own;
  if (first === undefined || others.length === 0) return first?.token ?? null;
  const running = await runningOf(deps, own);
  if (running.length > 1) throw refreshRefused("two_sessions");
  return (running[0] ?? first).token;
}

/** Those whose session runs, and whose user is active. */
async function runningOf({ db, now }: AuthDeps, own: readonly OwnRefresh[]): Promise<readonly OwnRefresh[]> {
  const ids = own.map(({ sessionId }) => sessionId);
  const rows = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(inArray(sessions.id, ids), isRunning(new Date(now())), eq(users.status, "active")));
  return own.filter(({ sessionId }) => rows.some(({ id }) => id === sessionId));
}
