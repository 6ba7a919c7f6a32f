import { z } from "zod";
import type { Mode } from "../sessions/deliver.ts";

/** What a user signs in with, as the schemas below give it. */
export type Credentials = {
  readonly email: string;
  readonly password: string;
  /** How the client will hold its tokens; in cookies unless told. */
  readonly mode?: Mode | undefined;
};

/** A sign-in, and what the same browser brought along. */
export type SignInRequest = Credentials & {
  /** The sessions that it held until now: they end when this one begins. */
  readonly replaces?: readonly string[] | undefined;
  /** What it brought to be known by; see `KnownDevices`. */
  readonly devices?: readonly string[] | undefined;
};

/** The bounds of a password, in characters after normalisation. The upper one bounds what a hash can cost. */
const passwordLength = { min: 8, max: 128 };

/** An e-mail address as an account is known by it: trimmed and in lower case, at most 254 characters (RFC 5321 §4.5.3.1.3). */
export const email = z.string().trim().max(254).toLowerCase().pipe(z.email("An e-mail address is expected."));

/**
 * A password as it is presented. It is normalised (NFKC, NIST SP 800-63B §3.1.1.2), so that the same characters typed on
 * another keyboard are the same password. Its least length is no matter at sign-in: an account may be older than the rule.
 */
export const password = z
  .string()
  .max(4 * passwordLength.max)
  .refine((text) => text.isWellFormed(), "Not a text of whole characters.")
  .transform((text) => text.normalize("NFKC"))
  .refine((text) => Array.from(text).length <= passwordLength.max, `At most ${passwordLength.max} characters.`);

/** A password as a new one is chosen. */
export const newPassword = password.refine(
  (text) => Array.from(text).length >= passwordLength.min,
  `At least ${passwordLength.min} characters.`,
);
