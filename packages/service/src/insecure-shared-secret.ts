import { z } from "zod";
import { readSecrets, secretSetting } from "./read-secrets.ts";

const name = "INSECURE_SHARED_TOKEN_SECRET";

/**
 * INSECURE by design, for the smallest set-ups: with one of these variables set, tokens are signed and verified with a
 * secret that every service holds (HS256), so that each of them could forge any token. Set for all services or none.
 */
export const insecureSharedSecretSettings = {
  [name]: secretSetting().optional(),
  [`${name}_FILE` as const]: z.string().optional(),
};

export type InsecureSharedSecretSettings = {
  readonly INSECURE_SHARED_TOKEN_SECRET?: readonly Uint8Array[] | undefined;
  readonly INSECURE_SHARED_TOKEN_SECRET_FILE?: string | undefined;
};

/**
 * The shared secrets, or null for keys, which is the rule.
 *
 * @throws ConfigurationError naming the variable, for one that is short or a file that cannot be used
 */
export function readInsecureSharedSecrets(
  settings: InsecureSharedSecretSettings,
): Promise<readonly Uint8Array[] | null> {
  const file = settings.INSECURE_SHARED_TOKEN_SECRET_FILE;
  return readSecrets(name, { value: settings.INSECURE_SHARED_TOKEN_SECRET, file });
}
