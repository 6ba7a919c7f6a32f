import { readFile, stat } from "node:fs/promises";
import type { ClientName } from "@countersign/access";
import { importSigningKey, type SigningKey } from "@countersign/client/service";
import type { Log } from "@countersign/context";
import { ConfigurationError } from "./settings/configuration-error.ts";

/** The private key with which a service proves itself, as it is now. */
export type ServiceKey = () => Promise<SigningKey>;

export type ServiceKeyDeps = { readonly service: ClientName; readonly log: Log };

/**
 * Opens the private key of a service, a JWK in a file of its own. A file that takes its place, as `npm run services --
 * rotate` puts it there, counts from the next time that the key is asked for: nobody has to restart for a rotation, and
 * to look is little beside what the key is wanted for. One that cannot be used is told of in the log, and the key before
 * stays.
 *
 * @throws ConfigurationError naming SERVICE_KEY_FILE when the file is missing or holds no private key.
 */
export async function openServiceKey(file: string, { service, log }: ServiceKeyDeps): Promise<ServiceKey> {
  let mark = await markOf(file);
  let key = readServiceKey(file, service);
  await key;

  async function replace(before: Promise<SigningKey>): Promise<SigningKey> {
    try {
      const rotated = await readServiceKey(file, service);
      log.info({ kid: rotated.kid }, "The key of this service was rotated.");
      return rotated;
    } catch (err) {
      log.warn({ err }, "The key of this service was replaced by one that cannot be used; the one before goes on.");
      return before;
    }
  }

  return async () => {
    const found = await markOf(file);
    if (found !== mark) key = replace(key);
    mark = found;
    return await key;
  };
}

/** Tells one file in this place from another; null when there is none. */
async function markOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null; // why it cannot be looked at, reading it will say
  }
}

async function readServiceKey(file: string, service: ClientName): Promise<SigningKey> {
  try {
    return await importSigningKey(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "not a private JWK";
    const message = `SERVICE_KEY_FILE: ${file} cannot be used (${code}); make it with: npm run services -- add ${service}`;
    throw new ConfigurationError(message, { cause });
  }
}
