import { z } from "zod";

/** The algorithms of a public key; the shared-secret one is not among them. */
export type AsymmetricAlgorithm = "RS256" | "ES256" | "EdDSA";

/**
 * Every algorithm of a public key. Verifiers accept all of them by default: a published key is bound to its own `alg`
 * (RFC 8725 §3.1), and the header must name that one, so a token has no say in how it is checked.
 */
export const asymmetricAlgorithms: readonly AsymmetricAlgorithm[] = ["RS256", "ES256", "EdDSA"];

/** Every algorithm that a token may be signed with. `HS256` needs the opt-in of insecure-shared-secret.ts. */
export type Algorithm = AsymmetricAlgorithm | "HS256";

/** Whether this is a `kid` that we would look up: printable, short, and safe in a log line, a URL and a query. */
export function isKeyId(kid: unknown): kid is string {
  return typeof kid === "string" && keyIdShape.test(kid);
}

const keyIdShape = /^[A-Za-z0-9._~-]{1,128}$/;
const number = z.string().regex(/^[A-Za-z0-9_-]+$/);
const coordinate = number.length(43); // 32 bytes

const signing = { kid: z.string().regex(keyIdShape), use: z.literal("sig") };
const rsa = {
  ...signing,
  kty: z.literal("RSA"),
  alg: z.literal("RS256"),
  n: number.min(342).max(683), // 2048 to 4096 bits: a larger one would make every verification dear
  e: z.literal("AQAB"),
};
const ec = {
  ...signing,
  kty: z.literal("EC"),
  alg: z.literal("ES256"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
};
const okp = { ...signing, kty: z.literal("OKP"), alg: z.literal("EdDSA"), crv: z.literal("Ed25519"), x: coordinate };
const rsaPrivate = { d: number, p: number, q: number, dp: number, dq: number, qi: number };

/**
 * A key as an issuer publishes it (RFC 7517, RFC 7518 §6, RFC 8037): RSA, P-256 or Ed25519, with `alg`, `use` and `kid`.
 * Members it does not name are dropped, so parsing with it is also what keeps a private member from leaving.
 */
export const publicJwk = z.discriminatedUnion("kty", [z.object(rsa), z.object(ec), z.object(okp)]);
export type PublicJwk = z.infer<typeof publicJwk>;

/** The same key with its private members. */
export const privateJwk = z.discriminatedUnion("kty", [
  z.object({ ...rsa, ...rsaPrivate }),
  z.object({ ...ec, d: coordinate }),
  z.object({ ...okp, d: coordinate }),
]);
export type PrivateJwk = z.infer<typeof privateJwk>;
