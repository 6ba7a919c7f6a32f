import type { Database } from "@countersign/database";
import { ConfigurationError } from "@countersign/service";
import { resealKeys } from "../keys/store.ts";
import { resealReceivers } from "../ssf/reseal-receivers.ts";
import type { SealingKey } from "./derive-secrets.ts";
import { SealError } from "./seal.ts";

/**
 * Seals everything in the database anew that an older secret sealed.
 *
 * @throws ConfigurationError naming SECRETS_KEY for what was sealed with a secret that is not among these
 */
export async function reseal(db: Database, sealing: readonly SealingKey[]): Promise<void> {
  try {
    await resealKeys(db, sealing);
    await resealReceivers(db, sealing);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    const problem = "is not the secret that sealed the keys in this database; add that one behind the current one";
    throw new ConfigurationError(`SECRETS_KEY: ${problem}, with a comma between.`, { cause });
  }
}
