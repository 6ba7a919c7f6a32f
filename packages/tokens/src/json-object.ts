import { isUtf8 } from "node:buffer";
import { TokenError } from "./errors.ts";

/** The deepest nesting that a header or payload of ours has, with room for a chain of actors. */
const maxDepth = 8;

/**
 * Parses the JSON text of an object in which no object, at any depth, repeats a member (RFC 7515 §4, RFC 7519 §4: names
 * must be unique; `JSON.parse` alone would take the last one).
 *
 * @throws TokenError `bad_json`, `duplicate_member`
 */
export function readJsonObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (!isUtf8(bytes)) throw new TokenError("bad_json");
  const text = bytes.toString("utf8");
  const value = parse(text);
  if (!isObject(value)) throw new TokenError("bad_json");
  if (countColons(text) !== countMembers(value, 1)) throw new TokenError("duplicate_member");
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TokenError("bad_json"); // without the cause: its message quotes the text, and this text is a token's
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In JSON text that parses, the colons outside strings are exactly the members written. */
function countColons(text: string): number {
  let colons = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) quoted = !quoted;
    else if (code === 0x5c)
      at += 1; // a backslash stands inside strings only, and takes the next character with it
    else if (code === 0x3a && !quoted) colons += 1;
  }
  return colons;
}

/** The members that parsing kept. */
function countMembers(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth > maxDepth) throw new TokenError("bad_json");
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const item of inner) members += countMembers(item, depth + 1);
  return members;
}
