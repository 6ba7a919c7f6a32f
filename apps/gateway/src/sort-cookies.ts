import { cookieValues, expireCookie, expireNamesakes, otherCookies } from "@countersign/service";
import { type CookieNames, cookiePaths, reservedNames } from "./cookies.ts";
import type { PassingRoute } from "./routes.ts";
import { isTokenShaped } from "./token-shape.ts";
import { type AccessCookie, type CookieVerifier, chooseAccessToken } from "./trust/access-cookie.ts";

/** What the cookies of a request are worth. */
export type SortedCookies = {
  readonly access: AccessCookie;
  /** Values that may be refresh tokens of ours, which only auth can tell. */
  readonly refresh: readonly string[];
  /** Hints of auth, as `name=value`. */
  readonly hints: readonly string[];
  /** The cookies of the web app, as they came: all that have no name of ours. */
  readonly app: string | null;
  /** Whether any cookie of the two names came along, whatever it holds. */
  readonly isPresent: boolean;
  /** What the answer removes. */
  readonly stale: readonly StaleCookie[];
};

/** One of the two names, of which a request brought what does not belong there. */
export type StaleCookie = {
  readonly kind: "access" | "refresh";
  /** Whether the cookie that auth itself set goes too. */
  readonly own: boolean;
};

export type SortDeps = { readonly names: CookieNames; readonly verifier: CookieVerifier | undefined };

/** Sorts the cookies of our names into ours and others'; nothing that they hold is refused here. */
export async function sortCookies(
  header: string | undefined,
  route: PassingRoute,
  { names, verifier }: SortDeps,
): Promise<SortedCookies> {
  const readsNone = route.face === "public" || route.face === "oauth";
  if (header === undefined || readsNone) return noCookies;
  const app = belongsToApp(route) ? otherCookies(header, reservedNames(names)) : null;
  if (route.face === "asset" || route.face === "tunnel") return { ...noCookies, app };
  const given = cookieValues(header, names.access);
  const access = given.length === 0 ? noCookies.access : await chooseAccessToken(given, verifier);
  const renewing = route.face === "auth" ? cookieValues(header, names.refresh) : [];
  const refresh = [...new Set(renewing)].filter(isTokenShaped);
  const stale: StaleCookie[] = [];
  if (given.length > 1 || access.isWorthless) stale.push({ kind: "access", own: access.isWorthless });
  if (renewing.length > refresh.length) stale.push({ kind: "refresh", own: refresh.length === 0 });
  const hints = readHints(header, hintNamesFor(route, names));
  return { access, refresh, hints, app, isPresent: given.length + renewing.length > 0, stale };
}

/** The Set-Cookie values that remove it. */
export function expireStale(
  { kind, own }: StaleCookie,
  at: { readonly names: CookieNames; readonly requestPath: string; readonly publicOrigin: string },
): readonly string[] {
  const cookie = { ...at, name: at.names[kind], path: cookiePaths[kind] };
  return own ? [expireCookie(cookie), ...expireNamesakes(cookie)] : expireNamesakes(cookie);
}

const noCookies: SortedCookies = {
  access: { token: null, conflict: null, isWorthless: false },
  refresh: [],
  hints: [],
  app: null,
  isPresent: false,
  stale: [],
};

function belongsToApp({ face }: PassingRoute): boolean {
  return face === "web" || face === "asset" || face === "tunnel";
}

/** The web app learns that there is a session; auth, that somebody signed in here before, and who began to at a provider. */
function hintNamesFor({ face }: PassingRoute, { hints, device, signIn }: CookieNames): readonly string[] {
  if (face === "web") return hints;
  return face === "auth" ? [device, signIn] : [];
}

/** They carry no credential: whoever reads them takes the first that has its shape. */
function readHints(header: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) =>
    [...new Set(cookieValues(header, name))].filter(isTokenShaped).map((value) => `${name}=${value}`),
  );
}
