import { z } from "zod";
import { readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { readHeader } from "./header.ts";
import { absent, onlyAudience, readClaims, registeredClaims } from "./payload-schemas.ts";
import { keySetOf, type RegisteredKeys, registeredAlgorithms } from "./registered-keys.ts";
import { signCompact } from "./sign-compact.ts";
import { checkSignature } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";

/**
 * Signs a report of refused calls with the reporter's own key: a JWT of its own type (RFC 8725 §3.11) without `exp`, so
 * that it never passes for an access token or a client's assertion.
 *
 * @param options.reporter the service that refused
 * @param options.audience the issuer's identifier
 * @param options.id the `jti`: one report has one, however often it is sent
 * @param options.now the clock, in milliseconds
 * @throws TokenError `bad_claims`, `too_large`: the report is at fault, nothing is signed
 */
export async function signDenialReport(options: {
  reporter: string;
  audience: string;
  id: string;
  report: Readonly<Record<string, unknown>>;
  key: SigningKey;
  now: () => number;
}): Promise<string> {
  const { reporter, audience, id, report, key } = options;
  const iat = Math.floor(options.now() / 1000);
  const payload = { iss: reporter, sub: reporter, aud: audience, jti: id, iat, report };
  readClaims(denialReportPayload, payload);
  return await signCompact(payload, denialReportType, key);
}

/** A report whose signature was checked. `report` is the reporter's claim, its shape unchecked. */
export type VerifiedDenialReport = {
  reporter: string;
  id: string;
  /** Epoch seconds, by the reporter's clock. */
  issuedAt: number;
  keyId: string;
  report: Readonly<Record<string, unknown>>;
};

/** How far the date of a report may be from the reader's clock, in seconds. */
const furthest = 86_400;

/**
 * Verifies a report of refused calls. It cannot know whether the report was read before: the caller keeps the `id` for
 * two days at least, and leaves out a second report with it.
 *
 * @param keysOf the keys registered for a reporter; what it throws goes through
 * @param policy.audience the issuer's identifier
 * @throws TokenError with the one code of the cause; `issued_in_future` and `expired` for a date more than a day away
 */
export async function verifyDenialReport(
  token: string,
  keysOf: RegisteredKeys,
  policy: { audience: string; now: () => number },
): Promise<VerifiedDenialReport> {
  const compact = readCompact(token);
  const header = readHeader(compact.header, { types: [denialReportType], algorithms: registeredAlgorithms });
  const { iss, sub, aud, jti, iat, report } = readClaims(denialReportPayload, compact.payload);
  if (iss !== sub) throw new TokenError("bad_claims", { claim: "sub" });
  if ((typeof aud === "string" ? aud : aud[0]) !== policy.audience) throw new TokenError("wrong_audience");
  const now = policy.now() / 1000;
  if (!(iat <= now + furthest)) throw new TokenError("issued_in_future");
  if (!(iat >= now - furthest)) throw new TokenError("expired");
  const key = await keySetOf(await keysOf(iss)).find(header.kid, header.algorithm);
  checkSignature(compact, key, header.algorithm);
  return { reporter: iss, id: jti, issuedAt: iat, keyId: key.kid, report };
}

const denialReportType = "denial-report+jwt";

const { iss, sub, jti, iat } = registeredClaims;
const denialReportPayload = z.object({
  iss,
  sub,
  jti,
  iat,
  aud: onlyAudience,
  report: z.record(z.string(), z.unknown()),
  exp: absent,
  token_class: absent, // a claim of access tokens: a token that mixes the two is refused
});
