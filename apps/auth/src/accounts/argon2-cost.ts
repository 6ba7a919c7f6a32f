/** What one hash costs: KiB of memory, passes over it, and lanes. */
export type Argon2Cost = { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };

/**
 * The one place that decides what a password hash costs: argon2id (RFC 9106) with the first choice of the OWASP
 * Password Storage Cheat Sheet for one lane. When it changes, every account is hashed anew at its next sign-in.
 */
export const argon2Cost: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
