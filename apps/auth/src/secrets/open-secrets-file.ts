import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseSecrets } from "@countersign/service";
import { writePrivateFile } from "./private-file.ts";

/**
 * The secrets of an embedded installation: reads the file, or makes it with one new secret and mode 0600 when there is
 * none. Two first starts at once agree on the file of whichever wrote first.
 *
 * @throws RangeError when the file holds something else
 */
export async function openSecretsFile(file: string): Promise<readonly Uint8Array[]> {
  await writePrivateFile(file, `${randomBytes(32).toString("base64")}\n`, { keep: true });
  return parseSecrets((await readFile(file, "utf8")).trim());
}
