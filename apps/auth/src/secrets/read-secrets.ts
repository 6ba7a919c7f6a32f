import { ConfigurationError, readSecrets as readVariables, secretSetting } from "@countersign/service";
import { z } from "zod";

/** The two variables of which one names the secrets. */
export const secretSettings = {
  SECRETS_KEY: secretSetting().optional(),
  SECRETS_KEY_FILE: z.string().optional(),
};

export type SecretSettings = {
  readonly SECRETS_KEY?: readonly Uint8Array[] | undefined;
  readonly SECRETS_KEY_FILE?: string | undefined;
};

/**
 * The configured secrets, from exactly one of the two variables.
 *
 * @throws ConfigurationError naming the variable and what is wrong with it
 */
export async function readSecrets({ SECRETS_KEY, SECRETS_KEY_FILE }: SecretSettings): Promise<readonly Uint8Array[]> {
  const secrets = await readVariables("SECRETS_KEY", { value: SECRETS_KEY, file: SECRETS_KEY_FILE });
  if (secrets !== null) return secrets;
  throw new ConfigurationError(
    "SECRETS_KEY, SECRETS_KEY_FILE: one is needed; make a secret with: openssl rand -base64 32",
  );
}
