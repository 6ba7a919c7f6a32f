import type { TRPCError } from "@trpc/server";
import { Refusal } from "./errors.ts";
import type { ProtectedResource } from "./protected-resource.ts";

/** RFC 6750 §2.1: the scheme, in any case, and one space. */
const scheme = "bearer ";

/**
 * Reads the one credential that a service takes. Absent is not invalid: no Authorization header gives null. Anything
 * else than exactly one Bearer token is refused, so that a bad credential never passes for none; two headers arrive
 * here joined by a comma and are refused with the rest.
 *
 * The characters of the token are left to its verification, which refuses all but the canonical ones: to look at each
 * of them here as well would cost every request several microseconds, and most tokens are remembered as they stand.
 *
 * @throws Refusal UNAUTHORIZED when the header is there and is not one Bearer token.
 */
export function readBearer(headers: Headers): string | null {
  const header = headers.get("authorization");
  if (header === null) return null;
  const token = header.slice(scheme.length);
  const isBearer = header.slice(0, scheme.length).toLowerCase() === scheme;
  if (!isBearer || token === "" || token.includes(" ") || token.includes(",")) {
    throw invalidCredential("malformed_authorization");
  }
  return token;
}

/** The one generic answer to a bad credential of any kind; the reason stays inside. */
export function invalidCredential(reason: string, cause?: unknown): Refusal {
  return new InvalidCredential(reason, cause);
}

class InvalidCredential extends Refusal {
  constructor(reason: string, cause: unknown) {
    super("UNAUTHORIZED", "The access token is invalid or has ended; sign in again.", { reason, cause });
  }
}

/**
 * The `WWW-Authenticate` of an answer with these errors: that there was a bad credential, or only that one is wanted (RFC
 * 6750 §3.1), and where to read who issues tokens for the resource (RFC 9728 §5.1); null when none of them is UNAUTHORIZED.
 */
export function challengeOf(errors: readonly TRPCError[], { metadataUrl }: ProtectedResource): string | null {
  const where = `resource_metadata="${metadataUrl}"`;
  if (errors.some((error) => error instanceof InvalidCredential)) return `Bearer error="invalid_token", ${where}`;
  return errors.some(({ code }) => code === "UNAUTHORIZED") ? `Bearer ${where}` : null;
}
