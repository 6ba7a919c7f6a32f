import { readFile } from "node:fs/promises";
import type { ServiceName } from "@countersign/access";
import { importSigningKey, type SigningKey } from "@countersign/client/service";
import { ConfigurationError } from "./env.ts";

/**
 * Reads the private key with which a service proves itself, a JWK in a file of its own.
 *
 * @throws ConfigurationError naming SERVICE_KEY_FILE when the file is missing or holds no private key.
 */
export async function readServiceKey(file: string, service: ServiceName): Promise<SigningKey> {
  try {
    return await importSigningKey(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "not a private JWK";
    const message = `SERVICE_KEY_FILE: ${file} cannot be used (${code}); make it with: npm run services -- add ${service}`;
    throw new ConfigurationError(message, { cause });
  }
}
