import { TokenError } from "./errors.ts";
import { type Algorithm, isKeyId } from "./jwk.ts";

/** What a verifier takes from a header: which key to ask for. */
export type Header = { kid: string; algorithm: Algorithm };

/**
 * Reads a header that holds `alg`, `kid` and `typ` and nothing else: no crit, no b64, no key or address of one
 * (RFC 8725 §3.1, §3.10, §3.11).
 *
 * @param expected.types the values of `typ` that pass; undefined among them lets it be absent
 *
 * @throws TokenError `unknown_header`, `wrong_type`, `wrong_algorithm`, `bad_key_id`
 */
export function readHeader(
  header: Readonly<Record<string, unknown>>,
  expected: { types: readonly (string | undefined)[]; algorithms: readonly Algorithm[] },
): Header {
  if (Object.keys(header).some((name) => !known.has(name))) throw new TokenError("unknown_header");
  const { typ, alg, kid } = header;
  if (!expected.types.some((type) => type === typ)) throw new TokenError("wrong_type");
  const algorithm = expected.algorithms.find((name) => name === alg);
  if (algorithm === undefined) throw new TokenError("wrong_algorithm");
  if (!isKeyId(kid)) throw new TokenError("bad_key_id");
  return { kid, algorithm };
}

const known: ReadonlySet<string> = new Set(["alg", "kid", "typ"]);
