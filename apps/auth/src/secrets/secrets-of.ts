import path from "node:path";
import { openSecretsFile } from "./open-secrets-file.ts";
import { readSecrets, type SecretSettings } from "./read-secrets.ts";

/**
 * The secrets that the settings name; where they name none, those of the data directory, made at the first start.
 *
 * @throws ConfigurationError as `readSecrets` says
 */
export async function secretsOf(settings: SecretSettings, dataDir: string): Promise<readonly Uint8Array[]> {
  const isConfigured = settings.SECRETS_KEY !== undefined || settings.SECRETS_KEY_FILE !== undefined;
  return isConfigured ? await readSecrets(settings) : await openSecretsFile(path.resolve(dataDir, "secrets.key"));
}
