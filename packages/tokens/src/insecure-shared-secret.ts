import { createHmac, timingSafeEqual } from "node:crypto";
import { TokenError } from "./errors.ts";
import type { KeySource } from "./key-source.ts";
import type { SigningKey } from "./signing-key.ts";
import type { VerificationKey } from "./verification-key.ts";

/**
 * INSECURE by design: with HS256 whoever verifies a token can also sign one. For the smallest set-ups only, where one
 * process does both. It finds HS256 keys and no others, and no other key set finds HS256 keys.
 *
 * @param secrets all verify; at least 32 bytes each (RFC 7518 §3.2), from the environment or a file, never from code
 * @throws RangeError without a secret, or when one is too short
 */
export function createInsecureSharedSecretKeySet(secrets: readonly Uint8Array[]): KeySource {
  if (secrets.length === 0) throw new RangeError("A shared-secret key set needs a secret.");
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), toVerificationKey(secret)]));
  return {
    find(kid, algorithm) {
      if (algorithm !== "HS256") throw new TokenError("wrong_algorithm");
      const key = keys.get(kid);
      if (key === undefined) throw new TokenError("unknown_key");
      return key;
    },
  };
}

/**
 * INSECURE by design, see `createInsecureSharedSecretKeySet`: the key that signs with the shared secret.
 *
 * @throws RangeError when the secret has fewer than 32 bytes
 */
export async function importInsecureSharedSecret(secret: Uint8Array): Promise<SigningKey> {
  const kid = keyIdOf(secret);
  const copy = Uint8Array.from(secret);
  return { kid, algorithm: "HS256", sign: (data) => macOf(copy, data) };
}

function toVerificationKey(secret: Uint8Array): VerificationKey {
  const copy = Uint8Array.from(secret);
  return {
    kid: keyIdOf(secret),
    algorithm: "HS256",
    verify(data, signature) {
      const mac = macOf(copy, data);
      return signature.length === mac.length && timingSafeEqual(mac, signature);
    },
  };
}

function macOf(secret: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac("sha256", secret).update(data).digest();
}

/** A name that two holders of a secret agree on; it tells no more about the secret than any token signed with it. */
function keyIdOf(secret: Uint8Array): string {
  if (secret.length < 32) throw new RangeError("A shared secret has at least 32 bytes.");
  return createHmac("sha256", secret).update("key id").digest("base64url").slice(0, 22);
}
