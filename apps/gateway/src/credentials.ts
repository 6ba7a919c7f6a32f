import { invalidCredential } from "@countersign/context";
import type { Asked } from "@countersign/service";
import type { CookieNames } from "./cookies.ts";
import { type PassingRoute, procedureOf } from "./routes.ts";
import type { SortedCookies } from "./sort-cookies.ts";

/** What a request proves itself with, in the one form in which it travels on. */
export type Credentials = {
  readonly authorization?: string;
  readonly cookie?: string;
  /** Cookies of the web app, which goes by them as it likes. */
  readonly appCookie?: string;
  /** Whether a browser may have added the proof by itself, so that another site may have caused the request. */
  readonly ambient: boolean;
};

/**
 * Turns the access cookie into a Bearer token: services read the Authorization header alone. Auth's REST face gets the
 * refresh cookies, those of a known device and that of a sign-in with a provider too, and the web app auth's hints, by which it knows when to send a browser to `/auth/continue`. The web app gets its own
 * cookies, too: all that have no name of ours. Nothing else ever sees a cookie, and the published documents and the files of
 * the web app see no credential of ours, so that caches may keep them; nor do its WebSockets, which outlast one. To sign in or to renew a session, no access cookie is looked at.
 *
 * @throws {Refusal} UNAUTHORIZED for a Bearer that is malformed, doubled, of another scheme, or contradicted by a cookie of
 *   ours: none of them is ever taken for "no credential". SERVICE_UNAVAILABLE where keys are missing to tell cookies apart.
 */
export function readCredentials(
  headers: Asked["headers"],
  route: PassingRoute,
  { cookies, names }: { readonly cookies: SortedCookies; readonly names: CookieNames },
): Credentials {
  const { face } = route;
  if (face === "public") return { ambient: false };
  if (face === "asset" || face === "tunnel") return { ...present("appCookie", cookies.app), ambient: false };
  const given = readAuthorization(headers, face === "oauth" ? clientScheme : bearerScheme);
  if (face === "oauth") return { ...present("authorization", given), ambient: given === null };

  const access = accessTokenFor(route, cookies);
  if (given !== null && access !== null && given !== `Bearer ${access}`) throw invalidCredential("contradiction");
  const passed = [...cookies.refresh.map((value) => `${names.refresh}=${value}`), ...cookies.hints];
  return {
    ...present("authorization", given ?? (access === null ? null : `Bearer ${access}`)),
    ...present("cookie", passed.length === 0 ? null : passed.join("; ")),
    ...present("appCookie", cookies.app),
    ambient: given === null || cookies.isPresent || cookies.app !== null,
  };
}

/** On the pages of auth nobody is asked who they are by an access token. A page is rendered also where its cookies contradict each other: it is where a person signs in again. */
function accessTokenFor(route: PassingRoute, { access, refresh }: SortedCookies): string | null {
  if (looksAtNoToken.has(procedureOf(route) ?? "") || (route.face === "auth" && route.isPage)) return null;
  const doesWithout = route.face === "web" || (route.face === "auth" && refresh.length > 0);
  if (access.conflict !== null && !doesWithout) throw access.conflict;
  return access.token;
}

const looksAtNoToken: ReadonlySet<string> = new Set(
  ["login", "register", "refresh", "exchange"].flatMap((name) => [`auth.${name}`, `auth/auth/${name}`]),
);

/** RFC 6750 §2.1 and RFC 7617 §2: one scheme, one value. Two headers arrive joined by a comma and match neither. */
const bearerScheme = /^(bearer) ([A-Za-z0-9\-._~+/]+=*)$/i;
const clientScheme = /^(bearer|basic) ([A-Za-z0-9\-._~+/]+=*)$/i;

function readAuthorization(headers: Asked["headers"], scheme: RegExp): string | null {
  const given = headers.get("authorization");
  if (given === undefined) return null;
  if (!scheme.test(given)) throw invalidCredential("malformed_authorization");
  if (given.startsWith("Bearer ") || given.startsWith("Basic ")) return given;
  const [name = "", value = ""] = given.split(" ");
  return `${name.toLowerCase() === "basic" ? "Basic" : "Bearer"} ${value}`;
}

function present<Name extends string>(name: Name, value: string | null): { readonly [Key in Name]?: string } {
  return value === null ? {} : ({ [name]: value } as { readonly [Key in Name]: string }); // a computed key is typed as string
}
