import { type Answer, cookieValues } from "@countersign/service";
import type { CookieNames } from "./cookies.ts";
import { expireStale, type StaleCookie } from "./sort-cookies.ts";

/** The request that is answered. */
export type Cleared = {
  readonly cookieHeader: string | undefined;
  readonly requestPath: string;
  readonly stale: readonly StaleCookie[];
};

/**
 * Adds to an answer what removes the stale cookies of its request. Where auth removes a cookie, its namesakes go too: only
 * auth can tell a refresh token of its own. What auth itself says of its own cookie stands.
 */
export function removeStale(
  answer: Answer,
  { cookieHeader, requestPath, stale }: Cleared,
  deps: { readonly names: CookieNames; readonly publicOrigin: string },
): Answer {
  const said = answer.cookies ?? [];
  const expired = (["access", "refresh"] as const).flatMap((kind) => {
    const name = deps.names[kind];
    const found = stale.find((one) => one.kind === kind);
    const isTaken =
      said.some((cookie) => cookie.startsWith(`${name}=;`)) && cookieValues(cookieHeader, name).length > 0;
    if (found === undefined && !isTaken) return [];
    const own = found?.own === true && !said.some((cookie) => cookie.startsWith(`${name}=`));
    return expireStale({ kind, own }, { ...deps, requestPath });
  });
  return expired.length === 0 ? answer : { ...answer, cookies: [...expired, ...said] };
}
