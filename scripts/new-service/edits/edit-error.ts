/** A file that a new service is registered in does not look as it did when this was written. */
export class EditError extends Error {
  override readonly name = "EditError";
}

/**
 * Puts text behind the one place that the pattern matches.
 *
 * @throws EditError when there is no such place, or more than one
 */
export function insertAfter(text: string, pattern: RegExp, added: string): string {
  const [match, ...more] = text.matchAll(new RegExp(pattern, "gm"));
  if (match === undefined || more.length > 0) throw new EditError(`Expected one place for ${String(pattern)}.`);
  const at = match.index + match[0].length;
  return text.slice(0, at) + added + text.slice(at);
}

/** Puts lines of a kind, each made from a name, into the order of their names with one more among them. */
export function insertSorted(text: string, lines: RegExp, line: string): string {
  const found = [...text.matchAll(new RegExp(lines, "gm"))];
  const first = found[0];
  if (first === undefined) throw new EditError(`Expected lines like ${String(lines)}.`);
  const before = found.findLast(([each]) => each < line);
  const at = before === undefined ? first.index : before.index + before[0].length;
  return text.slice(0, at) + line + text.slice(at);
}
