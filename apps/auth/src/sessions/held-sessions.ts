import type { RouterDeps } from "../deps.ts";
import type { Mode } from "./deliver.ts";

/** A browser holds one session; what it sends beyond a few was planted. */
const most = 4;

/**
 * The sessions that a browser held until now, by the refresh cookies that it brought. A sign-in takes none of them for a
 * credential: what was not issued here, or is no token at all, is passed over. A client that keeps its tokens itself
 * (bearer mode) holds several sessions as it likes.
 */
export function heldSessions(deps: RouterDeps, { headers }: Request, mode: Mode): readonly string[] {
  if (mode === "bearer") return [];
  const candidates = deps.cookies.readRefresh(headers.get("cookie")).slice(0, most);
  const read = candidates.map((value) => deps.refreshTokens.read(value)?.sessionId);
  return [...new Set(read.filter((sessionId) => sessionId !== undefined))];
}
