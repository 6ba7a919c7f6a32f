import type { webcrypto } from "node:crypto";
import type { Algorithm } from "./jwk.ts";

/** A key that signs. The private half cannot be taken out of it again. */
export type SigningKey = { kid: string; algorithm: Algorithm; privateKey: webcrypto.CryptoKey };
