import type { SignInRequest } from "../accounts/credentials.ts";
import type { RouterDeps } from "../deps.ts";
import type { Mode } from "./deliver.ts";

/** A browser holds one session; what it sends beyond a few was planted. */
const mostSessions = 4;

/**
 * What the client of a sign-in is known by: a browser by its cookies, one that keeps its tokens itself (bearer mode) by
 * the device token that it sends. A sign-in takes none of it for a credential: what was not issued here, or is no token at
 * all, is passed over. Only in cookie mode is there one session for a browser, which the new one replaces.
 */
export function broughtBy(
  deps: RouterDeps,
  { headers }: Request,
  { mode, deviceToken }: { readonly mode: Mode; readonly deviceToken?: string | undefined },
): Pick<SignInRequest, "replaces" | "devices"> {
  const cookie = headers.get("cookie");
  const own = deviceToken === undefined ? [] : [deviceToken];
  const devices = [...own, ...deps.deviceCookie.read(cookie)];
  if (mode === "bearer") return { devices };
  const candidates = deps.cookies.readRefresh(cookie).slice(0, mostSessions);
  const read = candidates.map((value) => deps.refreshTokens.read(value)?.sessionId);
  return { devices, replaces: [...new Set(read.filter((sessionId) => sessionId !== undefined))] };
}
