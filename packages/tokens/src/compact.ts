import { TokenError } from "./errors.ts";
import { readJsonObject } from "./json-object.ts";

/** A token taken apart, nothing of it believed yet. */
export type Compact = {
  header: Readonly<Record<string, unknown>>;
  payload: Readonly<Record<string, unknown>>;
  /** What the signature covers (RFC 7515 §5.2). */
  signed: Uint8Array;
  signature: Uint8Array;
};

/** The longest token, in characters: ours have about 900, and a cookie cannot hold more than this. */
export const maxTokenLength = 4096;

/**
 * Takes a JWS compact serialization apart (RFC 7515 §7.1). One token has one string: padding, other alphabets,
 * whitespace and stray bits in the last character are refused.
 *
 * @throws TokenError `too_large`, `not_compact`, `bad_encoding`, `bad_json`, `duplicate_member`
 */
export function readCompact(token: string): Compact {
  if (token.length > maxTokenLength) throw new TokenError("too_large");
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second < first + 2 || second === token.length - 1 || token.includes(".", second + 1)) {
    throw new TokenError("not_compact");
  }
  const header = decode(token.slice(0, first));
  const payload = decode(token.slice(first + 1, second));
  const signature = decode(token.slice(second + 1));
  const signed = Buffer.from(token.slice(0, second), "latin1"); // every character is base64url or a dot by now
  return { header: readJsonObject(header), payload: readJsonObject(payload), signed, signature };
}

function decode(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new TokenError("bad_encoding"); // the decoder itself forgives anything
  return bytes;
}
