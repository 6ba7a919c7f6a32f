type InsecureSettings = {
  readonly INSECURE_SHARED_TOKEN_SECRET: readonly Uint8Array[] | undefined;
  readonly INSECURE_SHARED_TOKEN_SECRET_ACCEPTED: readonly Uint8Array[] | undefined;
};

/**
 * INSECURE by design, for the smallest set-ups: with the first of these settings, tokens are signed with a secret that
 * every service holds (HS256), so that each of them could forge any token. Set for all services or none. A secret of
 * `…_ACCEPTED` signs nothing and is accepted: for a change from keys to a secret, or from a secret to keys.
 *
 * @returns the shared secrets of which the first signs, null for keys, which is the rule; and every secret with which a
 * token is accepted, those that sign first, null when there is none
 */
export function insecureSecretsOf(settings: InsecureSettings) {
  const { INSECURE_SHARED_TOKEN_SECRET: signing, INSECURE_SHARED_TOKEN_SECRET_ACCEPTED: accepted } = settings;
  const every = [...(signing ?? []), ...(accepted ?? [])];
  return { insecureSharedSecrets: signing ?? null, insecureAcceptedSecrets: every.length === 0 ? null : every };
}
