import { readFile } from "node:fs/promises";
import type { Log } from "@countersign/context";
import { ConfigurationError } from "@countersign/service";
import { generateSigningKey, importSigningKey } from "@countersign/tokens";
import { z } from "zod";

const keySet = z.object({ keys: z.tuple([z.unknown()], z.unknown()) });

/**
 * The gateway's private keys: a JWK Set in a file, of which the first key signs and all are published, so that a new one
 * can be published before it signs and an old one after. Without a file a key is made, which is good for one replica
 * until it ends.
 *
 * @throws ConfigurationError naming GATEWAY_KEYS_FILE when it cannot be used
 */
export async function readGatewayKeys(file: string | undefined, log: Log): Promise<Keys> {
  if (file === undefined) {
    log.info({}, "Signing assertions with a key of this process alone; set GATEWAY_KEYS_FILE to share one.");
    return [(await generateSigningKey("ES256")).privateJwk];
  }
  try {
    return await checked(keySet.parse(JSON.parse(await readFile(file, "utf8"))).keys);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "not a JWK Set of private keys";
    throw new ConfigurationError(`GATEWAY_KEYS_FILE: ${file} cannot be used (${code}).`, { cause });
  }
}

type Keys = readonly [unknown, ...unknown[]];

/** @throws JwkError for the first of them that cannot sign */
async function checked(keys: Keys): Promise<Keys> {
  for (const key of keys) await importSigningKey(key);
  return keys;
}
