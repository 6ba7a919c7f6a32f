import { readFile, writeFile } from "node:fs/promises";

const page = new URL("../../../docs/benchmarks.md", import.meta.url);

/**
 * Puts what a suite found into its section of docs/benchmarks.md, one level below the page's own heading; the sections of
 * the other suites stay as they are.
 */
export async function writeSection(suite: string, markdown: string): Promise<void> {
  const [begin, end] = [`<!-- ${suite} -->\n`, `<!-- /${suite} -->\n`];
  const before = await readFile(page, "utf8");
  const section = begin + markdown.replaceAll(/^#/gm, "##") + end;
  const at = before.indexOf(begin);
  const after = before.indexOf(end) + end.length;
  await writeFile(page, at === -1 ? `${before}\n${section}` : before.slice(0, at) + section + before.slice(after));
  console.error(`Written to docs/benchmarks.md, section ${suite}.`);
}
