import { z } from "zod";

/** The algorithms of a public key; the shared-secret one is not among them. */
export type AsymmetricAlgorithm = "RS256" | "ES256" | "EdDSA";

/** Every algorithm that a token may be signed with. `HS256` needs the opt-in of insecure-shared-secret.ts. */
export type Algorithm = AsymmetricAlgorithm | "HS256";

/** The shape of a `kid`: printable, short, and safe in a log line, a URL and a map's key. */
export const keyId = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);

const number = z.string().regex(/^[A-Za-z0-9_-]+$/);
const signing = { kid: keyId, use: z.literal("sig") };
const rsa = { ...signing, kty: z.literal("RSA"), alg: z.literal("RS256"), n: number.min(342).max(683), e: z.literal("AQAB") };
const ec = { ...signing, kty: z.literal("EC"), alg: z.literal("ES256"), crv: z.literal("P-256"), x: number.length(43), y: number.length(43) };
const okp = { ...signing, kty: z.literal("OKP"), alg: z.literal("EdDSA"), crv: z.literal("Ed25519"), x: number.length(43) };
const rsaPrivate = { d: number, p: number, q: number, dp: number, dq: number, qi: number };

/**
 * A key as an issuer publishes it (RFC 7517): RSA of 2048 to 4096 bits, P-256 or Ed25519; `alg`, `use` and `kid` stand on
 * every key. Members it does not name are dropped, so parsing with it is also what keeps a private member from leaving.
 */
export const publicJwk = z.discriminatedUnion("kty", [z.object(rsa), z.object(ec), z.object(okp)]);
export type PublicJwk = z.infer<typeof publicJwk>;

/** The same key with its private members. */
export const privateJwk = z.discriminatedUnion("kty", [
  z.object({ ...rsa, ...rsaPrivate }),
  z.object({ ...ec, d: number.length(43) }),
  z.object({ ...okp, d: number.length(43) }),
]);
export type PrivateJwk = z.infer<typeof privateJwk>;
