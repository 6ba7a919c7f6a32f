import type { Algorithm } from "./jwk.ts";

/** A key that signs, bound to its one algorithm. The private half cannot be taken out of it again. */
export type SigningKey = {
  kid: string;
  algorithm: Algorithm;
  /**
   * The signature over `data` in the form of RFC 7518 §3, of ECDSA's two the one with the lower s. Synchronous: other
   * threads are where passwords are hashed, and a token must not wait for those.
   */
  sign(data: Uint8Array): Uint8Array;
};
