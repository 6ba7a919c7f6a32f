import { z } from "zod";
import { email as emailSchema } from "../accounts/credentials.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** A person as a provider has proved them to us. */
export type ProviderIdentity = {
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  /** As the provider gave it, confirmed or not: to be shown alone. */
  readonly email: string | null;
  /** The address that is the person's by the word of the provider; null when it does not say so. */
  readonly confirmedEmail: string | null;
};

/** Core §2: a subject has at most 255 ASCII characters. */
const subjectSchema = z.string().regex(/^[\x20-\x7e]{1,255}$/);

/**
 * Reads an identity from the claims of a verified ID token or of the UserInfo endpoint. An address that is malformed, or
 * whose confirmation is absent, `"true"` as a text, or anything else than the provider is known to say, is not confirmed.
 *
 * @returns null when issuer or subject are none
 */
export function toIdentity(
  claims: Readonly<Record<string, unknown>>,
  { name, claims: names, verifiedValues }: Pick<ProviderSettings, "name" | "claims" | "verifiedValues">,
): ProviderIdentity | null {
  const subject = subjectSchema.safeParse(claims["sub"]);
  const issuer = z.string().min(1).max(512).safeParse(claims["iss"]);
  if (!subject.success || !issuer.success) return null;
  const email = emailSchema.safeParse(claims[names.email]).data ?? null;
  const isConfirmed = names.emailVerified === null || verifiedValues.includes(claims[names.emailVerified]);
  return {
    provider: name,
    issuer: issuer.data,
    subject: subject.data,
    email,
    confirmedEmail: isConfirmed ? email : null,
  };
}
