import path from "node:path";
import { ConfigurationError } from "@countersign/service";
import { openSecretsFile } from "./open-secrets-file.ts";

/**
 * The secrets that SECRETS_KEY names; without it those of the data directory, made at the first start.
 *
 * @throws ConfigurationError naming DATA_DIR when they cannot be read or made there
 */
export async function secretsOf({
  SECRETS_KEY,
  DATA_DIR,
}: {
  readonly SECRETS_KEY: readonly Uint8Array[] | undefined;
  readonly DATA_DIR: string;
}): Promise<readonly Uint8Array[]> {
  const file = path.resolve(DATA_DIR, "secrets.key");
  try {
    return SECRETS_KEY ?? (await openSecretsFile(file));
  } catch (cause) {
    if (cause instanceof RangeError) throw new ConfigurationError(`DATA_DIR: ${file}: ${cause.message}.`, { cause });
    throw cause;
  }
}
