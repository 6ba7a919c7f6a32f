import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** What is written besides the plan while it settles: by npm, by `npm run access`. */
const alsoWritten = ["package-lock.json", "docs/access.md"];

/**
 * Writes every file of the plan and then settles it. When anything fails, every file is as it was before, folders that
 * were not there are gone, and the failure is thrown on.
 */
export async function writeAll(plan: ReadonlyMap<string, string>, settle: () => Promise<void>): Promise<void> {
  const before = await contentsOf([...plan.keys(), ...alsoWritten]);
  const made: string[] = [];
  try {
    for (const [path, content] of plan) {
      const first = await mkdir(dirname(path), { recursive: true });
      if (first !== undefined) made.push(first);
      await writeFile(path, content);
    }
    await settle();
  } catch (error) {
    await restore(before);
    for (const folder of made) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function contentsOf(paths: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const read = async (path: string) => [path, await readFile(path, "utf8").catch(absent)] as const;
  return new Map(await Promise.all(paths.map(read)));
}

async function restore(before: ReadonlyMap<string, string | null>): Promise<void> {
  for (const [path, content] of before) {
    if (content === null) await rm(path, { force: true });
    else await writeFile(path, content);
  }
}

function absent(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
