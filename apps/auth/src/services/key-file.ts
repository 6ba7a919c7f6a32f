import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ClientName } from "@countersign/access";
import { importSigningKey, type PrivateJwk } from "@countersign/tokens";
import { writePrivateFile } from "../secrets/private-file.ts";

/** Where a service's private key lies: the file that its SERVICE_KEY_FILE names unless told otherwise. */
export function keyFileOf(directory: string, service: ClientName): string {
  return path.join(directory, `${service}.json`);
}

/** Puts a private key where its service finds it, for the owner's eyes alone, in place of what was there. */
export async function writeKeyFile(file: string, privateJwk: PrivateJwk): Promise<void> {
  await writePrivateFile(file, `${JSON.stringify(privateJwk)}\n`, { keep: false });
}

/** The id of the key in this file; null without a file, or when it holds no private key. */
export async function readKeyId(file: string): Promise<string | null> {
  try {
    return (await importSigningKey(JSON.parse(await readFile(file, "utf8")))).kid;
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isAbsent || error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}
