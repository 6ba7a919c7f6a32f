import { userFacingServices } from "@countersign/access";
import {
  type AsymmetricAlgorithm,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  type PublicJwk,
  type SigningKey,
  tokenLife,
  type UserClaims,
} from "@countersign/tokens";
import { SignJWT } from "jose";
import { userId } from "./query.ts";

export const issuer = "http://localhost:4000";
export const audience = "orders";

/** A key and the claims of a user's token, as the auth service has them. */
export type Identity = {
  readonly key: SigningKey;
  readonly privateJwk: PrivateJwk;
  readonly publicJwk: PublicJwk;
  readonly publicJwks: readonly PublicJwk[];
  claims(): UserClaims;
};

export async function createIdentity(algorithm: AsymmetricAlgorithm): Promise<Identity> {
  const { privateJwk, publicJwk } = await generateSigningKey(algorithm);
  return { key: await importSigningKey(privateJwk), privateJwk, publicJwk, publicJwks: [publicJwk], claims };
}

function claims(): UserClaims {
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    class: "user",
    issuer,
    subject: userId,
    audience: userFacingServices,
    tokenId: crypto.randomUUID(),
    clientId: "countersign-web",
    issuedAt,
    expiresAt: issuedAt + tokenLife.user,
    sessionId: crypto.randomUUID(),
    authenticatedAt: issuedAt,
    roles: ["user"],
    userVersion: 0,
  };
}

/** The same claims in a token that every JWT library takes: some refuse the type at+jwt. */
export async function signPlainJwt({ key, privateJwk, claims: make }: Identity): Promise<string> {
  const { subject, tokenId, clientId, issuedAt, expiresAt, sessionId, authenticatedAt, roles } = make();
  const session = { sid: sessionId, auth_time: authenticatedAt, roles };
  return await new SignJWT({ client_id: clientId, token_class: "user", ...session })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience([...userFacingServices])
    .setSubject(subject)
    .setJti(tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(privateJwk);
}
