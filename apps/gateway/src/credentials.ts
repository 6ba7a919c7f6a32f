import { invalidCredential } from "@countersign/context";
import type { Asked } from "@countersign/service";
import { ambiguous, type CookieNames, readCookie } from "./cookies.ts";
import type { PassingRoute } from "./routes.ts";

/** What a request proves itself with, in the one form in which it travels on. */
export type Credentials = {
  readonly authorization?: string;
  readonly cookie?: string;
  /** Whether a browser may have added the proof by itself, so that another site may have caused the request. */
  readonly ambient: boolean;
};

/**
 * Turns the access cookie into a Bearer token: services read the Authorization header alone. Auth's REST face gets the
 * refresh cookie too, and the web app auth's hints, by which it knows when to send a browser to `/auth/continue`. Nothing
 * else ever sees a cookie, and the published documents and the files of the web app see no
 * credential at all, so that caches may keep them.
 *
 * @throws {Refusal} UNAUTHORIZED for a credential that is malformed, doubled, of another scheme, or contradicted by
 *   another one: none of them is ever taken for "no credential".
 */
export function readCredentials(
  headers: Asked["headers"],
  face: PassingRoute["face"],
  names: CookieNames,
): Credentials {
  if (face === "public" || face === "asset") return { ambient: false };
  const given = readAuthorization(headers, face === "oauth" ? clientScheme : bearerScheme);
  if (face === "oauth") return { ...present("authorization", given), ambient: given === null };

  const cookies = headers.get("cookie") ?? null;
  const access = readToken(cookies, names.access);
  if (given !== null && access !== null && given !== `Bearer ${access}`) throw invalidCredential("contradiction");
  const refresh = face === "auth" ? readToken(cookies, names.refresh) : null;
  return {
    ...present("authorization", given ?? (access === null ? null : `Bearer ${access}`)),
    ...present("cookie", refresh === null ? hintsFor(face, cookies, names) : `${names.refresh}=${refresh}`),
    ambient: given === null || access !== null || refresh !== null,
  };
}

/** A hint that is odd is no hint. */
function hintsFor(face: PassingRoute["face"], cookies: string | null, { hints }: CookieNames): string | null {
  if (face !== "web") return null;
  const found = hints.map((name) => [name, readCookie(cookies, name)] as const);
  const good = found.filter(([, value]) => typeof value === "string" && token.test(value));
  return good.length === 0 ? null : good.map(([name, value]) => `${name}=${String(value)}`).join("; ");
}

/** RFC 6750 §2.1 and RFC 7617 §2: one scheme, one value. Two headers arrive joined by a comma and match neither. */
const bearerScheme = /^(bearer) ([A-Za-z0-9\-._~+/]+=*)$/i;
const clientScheme = /^(bearer|basic) ([A-Za-z0-9\-._~+/]+=*)$/i;
const token = /^[A-Za-z0-9\-._~+/]+=*$/;

function readAuthorization(headers: Asked["headers"], scheme: RegExp): string | null {
  const given = headers.get("authorization");
  if (given === undefined) return null;
  if (!scheme.test(given)) throw invalidCredential("malformed_authorization");
  if (given.startsWith("Bearer ") || given.startsWith("Basic ")) return given;
  const [name = "", value = ""] = given.split(" ");
  return `${name.toLowerCase() === "basic" ? "Basic" : "Bearer"} ${value}`;
}

function readToken(cookies: string | null, name: string): string | null {
  const value = readCookie(cookies, name);
  if (value === null) return null;
  if (value === ambiguous) throw invalidCredential("duplicate_cookie");
  if (!token.test(value)) throw invalidCredential("malformed_cookie");
  return value;
}

function present<Name extends string>(name: Name, value: string | null): { readonly [Key in Name]?: string } {
  return value === null ? {} : ({ [name]: value } as { readonly [Key in Name]: string }); // a computed key is typed as string
}
