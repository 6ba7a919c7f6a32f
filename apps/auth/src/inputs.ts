import { roleNames, serviceNames } from "@countersign/access";
import { maxTokenLength } from "@countersign/tokens";
import { z } from "zod";
import { email, newPassword, password } from "./accounts/credentials.ts";
import { mode } from "./sessions/deliver.ts";

/** What the client was given at an earlier sign-in; one that is none of ours is passed over, and never refused. */
const deviceToken = z.string().max(4_096).optional().catch(undefined);

/** What both faces take, in one place so that they cannot differ. */
export const registerInput = z.object({ email, password: newPassword, mode, deviceToken });

export const loginInput = z.object({ email, password, mode, deviceToken });

/** A one-time code of a sign-in with a provider, and the verifier of its PKCE challenge (RFC 7636 §4.1). */
export const exchangeInput = z.object({
  code: z.string().min(1).max(128),
  codeVerifier: z.string().regex(/^[\w.~-]{43,128}$/, "A verifier of 43 to 128 characters is expected."),
  deviceToken,
});

export const changePasswordInput = z
  .object({ currentPassword: password, newPassword })
  .refine((input) => input.currentPassword !== input.newPassword, {
    path: ["newPassword"],
    message: "Another password than the current one is expected.",
  });

/** What asks for a mail to an address. */
export const requestMailInput = z.object({ email });

/** A token of a link in a mail; longer ones were never issued. */
const linkToken = z.string().min(1).max(128);

export const verifyEmailInput = z.object({ token: linkToken, password });

export const linkInput = z.object({ token: linkToken });

/** A link's token, or a code of eight digits and the request that it answers. */
export const signInByMailInput = z.object({
  token: linkToken.optional(),
  code: z
    .string()
    .trim()
    .regex(/^\d{8}$/, "A code has eight digits.")
    .optional(),
  request: z.uuid().optional(),
  mode,
  deviceToken,
});

/** The password is the one that was chosen at registration. */
export const confirmRegistrationInput = z.object({ token: linkToken, password, mode, deviceToken });

export const changeEmailInput = z.object({ newEmail: email, password });

export const resetByLinkInput = z.object({ token: linkToken, newPassword });

/** A refresh token as a client holds it; longer ones were never issued. */
export const refreshToken = z.string().min(1).max(256);

export const verifyInput = z.object({
  token: z.string().min(1).max(maxTokenLength),
  /** The service that the token must be meant for; any of ours unless told. */
  audience: z.enum(serviceNames).optional(),
});

export const role = z.enum(roleNames);

/** An id in the one spelling that the database and our tokens have: what is revoked is compared with them as text. */
export const id = z.uuid("An id is expected.").toLowerCase();
