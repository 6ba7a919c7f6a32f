import { randomUUID } from "node:crypto";
import { link, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Writes a file that its owner alone can read, whole or not at all. With `keep`, a file that is there already stays as
 * it is, and of two writers at once the first one wins.
 */
export async function writePrivateFile(file: string, text: string, options: { keep: boolean }): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600, flag: "wx" });
  try {
    await (options.keep ? link(draft, file) : rename(draft, file));
  } catch (error) {
    if (!options.keep || !isThere(error)) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
