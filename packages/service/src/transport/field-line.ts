import { fieldValue, token } from "./grammar.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/** One header or trailer: its name in lower case, and its value without the padding around it. */
export type FieldLine = { readonly name: string; readonly value: string };

/**
 * Reads a field line (RFC 9112 §5): a name, a colon right behind it, a value.
 *
 * @param text the line without its end, one character for each byte
 * @throws {MalformedAnswer} also for a folded line (§5.2), which begins with a blank
 */
export function readFieldLine(text: string): FieldLine {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0));
  const value = unpadded(text, colon + 1);
  if (!token.test(name) || !fieldValue.test(value)) throw new MalformedAnswer("header");
  return { name: name.toLowerCase(), value };
}

/** RFC 9110 §5.6.3: spaces and tabs, and nothing else that looks like a space. No regular expression: `[\t ]+$` is quadratic. */
function unpadded(text: string, from: number): string {
  let start = from;
  let end = text.length;
  while (start < end && isPadding(text.charCodeAt(start))) start += 1;
  while (end > start && isPadding(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
