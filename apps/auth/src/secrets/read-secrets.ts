import { readFile } from "node:fs/promises";
import { ConfigurationError } from "@countersign/service";
import { z } from "zod";
import { parseSecrets } from "./parse-secrets.ts";

/** The two variables of which one names the secrets. */
export const secretSettings = {
  SECRETS_KEY: z.string().transform(toSecrets).optional(),
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

function toSecrets(value: string, context: z.RefinementCtx): readonly Uint8Array[] {
  try {
    return parseSecrets(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "cannot be read" });
    return z.NEVER;
  }
}
