import { readFile } from "node:fs/promises";
import { ConfigurationError } from "@countersign/service";
import { parseSecrets } from "./parse-secrets.ts";

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
  if (SECRETS_KEY !== undefined && SECRETS_KEY_FILE !== undefined) {
    throw new ConfigurationError("SECRETS_KEY, SECRETS_KEY_FILE: set one of the two.");
  }
  if (SECRETS_KEY !== undefined) return SECRETS_KEY;
  if (SECRETS_KEY_FILE === undefined) {
    throw new ConfigurationError(
      "SECRETS_KEY, SECRETS_KEY_FILE: one is needed; make a secret with: openssl rand -base64 32",
    );
  }
  try {
    return parseSecrets((await readFile(SECRETS_KEY_FILE, "utf8")).trim());
  } catch (cause) {
    const problem = cause instanceof RangeError ? cause.message : `cannot be read (${codeOf(cause)})`;
    throw new ConfigurationError(`SECRETS_KEY_FILE: ${SECRETS_KEY_FILE}: ${problem}`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
