import { readFileSync } from "node:fs";

/** What is wrong with a file that a setting names, to follow the name of the setting; null for one that has `mark` in it. */
export function findFileProblem(path: string, mark: string, what: string): string | null {
  const content = readText(path);
  if (content.problem !== null) return content.problem;
  return content.text.includes(mark) ? null : `names a file without ${what}`;
}

/** The text of a file, or what is wrong with the file, to follow the name of the setting that names it. */
export function readText(path: string): { readonly text: string; readonly problem: string | null } {
  try {
    return { text: readFileSync(path, "utf8"), problem: null };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { text: "", problem: `names a file that cannot be read (${code})` };
  }
}
