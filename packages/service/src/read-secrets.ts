import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ConfigurationError } from "./env.ts";
import { parseSecrets } from "./parse-secrets.ts";

/** The value of a variable that holds secrets, and of the one with `_FILE` behind its name that names a file of them. */
export type SecretVariables = {
  readonly value: readonly Uint8Array[] | undefined;
  readonly file: string | undefined;
};

/** A variable that holds secrets: base64, at least 32 bytes each, separated by commas, the current one first. */
export function secretSetting() {
  return z.string().transform((value, issues): readonly Uint8Array[] => {
    try {
      return parseSecrets(value);
    } catch (error) {
      issues.addIssue({ code: "custom", message: error instanceof Error ? error.message : "cannot be read" });
      return z.NEVER;
    }
  });
}

/**
 * The secrets of a variable, from itself or from the file that its twin names; null when neither is set.
 *
 * @throws ConfigurationError naming the variable when both are set, or the file cannot be used
 */
export async function readSecrets(
  name: string,
  { value, file }: SecretVariables,
): Promise<readonly Uint8Array[] | null> {
  if (value !== undefined && file !== undefined)
    throw new ConfigurationError(`${name}, ${name}_FILE: set one of the two.`);
  if (file === undefined) return value ?? null;
  try {
    return parseSecrets((await readFile(file, "utf8")).trim());
  } catch (cause) {
    const problem = cause instanceof RangeError ? cause.message : `cannot be read (${codeOf(cause)})`;
    throw new ConfigurationError(`${name}_FILE: ${file}: ${problem}`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
