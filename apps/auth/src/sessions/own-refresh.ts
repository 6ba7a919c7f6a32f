import type { AuthDeps } from "../deps.ts";
import { isLive } from "./is-live.ts";
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
  const at = deps.now();
  const running = [];
  for (const one of own) if (await isLive(deps.db, one.sessionId, at)) running.push(one);
  if (running.length > 1) throw refreshRefused("two_sessions");
  return (running[0] ?? first).token;
}
