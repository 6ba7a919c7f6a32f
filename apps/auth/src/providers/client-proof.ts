import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { type ClientAuth, ClientSecretPost, PrivateKeyJwt } from "openid-client";
import type { ClientProof } from "./provider-settings.ts";

/**
 * Proves us at a provider's token endpoint: by a secret, by a signed assertion (RFC 7523), or by Apple's secret, which is a
 * token that we sign.
 *
 * @param now epoch milliseconds
 * @throws TypeError when the key is not an RSA, P-256 or Ed25519 key; see `checkKey`
 */
export async function createClientProof(proof: ClientProof, now: () => number): Promise<ClientAuth> {
  if (proof.kind === "secret") return ClientSecretPost(proof.secret);
  const key = createPrivateKey(proof.key);
  if (proof.kind === "apple") {
    return (_server, client, body) => {
      body.set("client_id", client.client_id);
      body.set("client_secret", appleSecret({ ...proof, clientId: client.client_id, key }, now()));
    };
  }
  const der = key.export({ type: "pkcs8", format: "der" });
  const imported = await crypto.subtle.importKey("pkcs8", der, algorithmOf(key), false, ["sign"]);
  return PrivateKeyJwt(proof.keyId === null ? imported : { key: imported, kid: proof.keyId });
}

/** What is wrong with a private key in PEM, or null. */
export function findKeyProblem(pem: string, kind: "key" | "apple"): string | null {
  try {
    const { name } = algorithmOf(createPrivateKey(pem));
    return kind === "apple" && name !== "ECDSA" ? "is not a P-256 key, as Apple's are" : null;
  } catch {
    return "is not a private key in PEM (PKCS #8) of the type RSA, P-256 or Ed25519";
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (asymmetricKeyType === "ed25519") return { name: "Ed25519" };
  const isP256 = asymmetricKeyDetails?.namedCurve === "prime256v1";
  if (asymmetricKeyType === "ec" && isP256) return { name: "ECDSA", namedCurve: "P-256" };
  throw new TypeError("Not an RSA, P-256 or Ed25519 key.");
}

type AppleClient = {
  readonly key: KeyObject;
  readonly keyId: string;
  readonly teamId: string;
  readonly clientId: string;
};

/** https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret */
function appleSecret({ key, keyId, teamId, clientId }: AppleClient, now: number): string {
  const issuedAt = Math.floor(now / 1000);
  const header = { alg: "ES256", kid: keyId };
  const claims = { iss: teamId, iat: issuedAt, exp: issuedAt + 300, aud: "https://appleid.apple.com", sub: clientId };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
