import { readFile } from "node:fs/promises";
import path from "node:path";
import { MigrationError } from "./migration-error.ts";

/** One entry of drizzle-kit's journal: the name of the file without `.sql`, and when it was generated, in ms. */
export type JournalEntry = { readonly tag: string; readonly when: number };

/**
 * Reads `meta/_journal.json` of a migrations folder and throws `MigrationError` (`journal_disordered`) unless every
 * migration is younger than the one before it. drizzle's migrator applies what is younger than the youngest applied
 * one, so a migration that came in out of order, for example from a merged branch, would be skipped without a word.
 */
export async function assertJournalOrdered(folder: string): Promise<readonly JournalEntry[]> {
  const entries = await readJournal(folder);
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before === undefined || before.when < entry.when) continue;
    throw new MigrationError(
      "journal_disordered",
      `Migration ${entry.tag} in ${folder} is not younger than ${before.tag} before it and would be skipped. ` +
        `Delete it and generate it again with drizzle-kit.`,
    );
  }
  return entries;
}

async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const file = path.join(folder, "meta", "_journal.json");
  const journal = await readJson(file).catch((cause: unknown) => {
    throw new MigrationError("journal_unreadable", `${file} cannot be read.`, { cause });
  });
  const entries = typeof journal === "object" && journal !== null && "entries" in journal ? journal.entries : null;
  if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  throw new MigrationError("journal_unreadable", `${file} is not a journal of drizzle-kit.`);
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8"));
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== "object" || value === null || !("tag" in value) || !("when" in value)) return false;
  return typeof value.tag === "string" && typeof value.when === "number";
}
