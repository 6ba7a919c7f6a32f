import { Refusal } from "./errors.ts";

/** RFC 6750 §2.1: the scheme in any case, one space, one b64token. A second token after a comma does not match. */
const bearer = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * Reads the one credential that a service takes. Absent is not invalid: no Authorization header gives null. Anything
 * else than exactly one Bearer token is refused, so that a bad credential never passes for none; two headers arrive
 * here joined by a comma and are refused with the rest.
 *
 * @throws Refusal UNAUTHORIZED when the header is there and is not one Bearer token.
 */
export function readBearer(headers: Headers): string | null {
  const header = headers.get("authorization");
  if (header === null) return null;
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw invalidCredential("malformed_authorization");
  return token;
}

/** The one generic answer to a bad credential of any kind; the reason stays inside. */
export function invalidCredential(reason: string, cause?: unknown): Refusal {
  return new Refusal("UNAUTHORIZED", "The access token is invalid or has ended; sign in again.", { reason, cause });
}
