import { z } from "zod";
import { TokenError } from "./errors.ts";
import { readJsonObject } from "./json-object.ts";
import { publicJwk } from "./jwk.ts";
import { KeySetError } from "./key-set-error.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

/**
 * Reads a JWK Set (RFC 7517 §5). Keys that we cannot use are passed over, as the RFC has it: other kinds, other
 * algorithms, encryption keys, and any key that shows a private or secret member, for with it everybody can sign.
 *
 * @throws KeySetError `not_a_key_set` when it is none, or when two usable keys share a `kid` and it cannot be told which
 * one is meant; `empty` when no usable key is left, which is never believed: it would refuse every token
 */
export function readKeySet(body: Buffer): ReadonlyMap<string, VerificationKey> {
  const keys = new Map<string, VerificationKey>();
  for (const candidate of readCandidates(body)) {
    const key = readKey(candidate);
    if (key === undefined) continue;
    if (keys.has(key.kid)) throw new KeySetError("not_a_key_set");
    keys.set(key.kid, key);
  }
  if (keys.size === 0) throw new KeySetError("empty");
  return keys;
}

/** An issuer has a handful of keys; a longer list is not worth the time to import it. */
const maxKeys = 64;
const jwks = z.object({ keys: z.array(z.unknown()).max(maxKeys) });
const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

function readCandidates(body: Buffer): readonly unknown[] {
  try {
    return jwks.parse(readJsonObject(body)).keys;
  } catch (cause) {
    if (cause instanceof TokenError || cause instanceof z.ZodError) throw new KeySetError("not_a_key_set", { cause });
    throw cause;
  }
}

function readKey(candidate: unknown): VerificationKey | undefined {
  const jwk = publicJwk.safeParse(candidate);
  if (!jwk.success || typeof candidate !== "object" || candidate === null) return undefined;
  if (secretMembers.some((member) => member in candidate)) return undefined;
  try {
    return importVerificationKey(jwk.data);
  } catch {
    return undefined; // well-formed but no key, for example a point off the curve: passed over like any other
  }
}
