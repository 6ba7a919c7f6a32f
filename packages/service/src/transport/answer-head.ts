import { appendField } from "../fields.ts";
import { fieldValue, token } from "./grammar.ts";

/** The head of an answer, read strictly: what two readers could take for two things is nothing here. */
export type AnswerHead = {
  readonly status: number;
  /** By lower-case name; what came several times is joined by commas (RFC 9110 §5.3). */
  readonly headers: Map<string, string>;
  /** Each Set-Cookie, the one field that cannot be joined (RFC 6265 §3). */
  readonly cookies: readonly string[];
  /** How long the connection may wait for another request, in milliseconds; 0 when it may not (RFC 9112 §9.3). */
  readonly keepMs: number;
};

/**
 * @param text the status line and the headers, one character for each byte, without the empty line
 * @throws {MalformedAnswer}
 */
export function readAnswerHead(text: string): AnswerHead {
  let end = endOfLine(text, 0);
  if (!statusLine.test(text.slice(0, end))) throw new MalformedAnswer("status line");
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (let at = end + 2; at < text.length; at = end + 2) {
    end = endOfLine(text, at);
    const colon = text.indexOf(":", at);
    const name = text.slice(at, colon);
    const value = unpadded(text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1, end)); // almost all have one space
    if (colon === -1 || !token.test(name) || !fieldValue.test(value)) throw new MalformedAnswer("header");
    const known = name.toLowerCase();
    if (known === "set-cookie") cookies.push(value);
    else appendField(headers, known, value);
  }
  const status = Number(text.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
  return { status, headers, cookies, keepMs: text.startsWith("HTTP/1.1") ? keepMsOf(headers) : 0 };
}

/** RFC 9110 §5.6.3: spaces and tabs, and nothing else that looks like a space. */
function unpadded(value: string): string {
  return isPadding(value[0]) || isPadding(value.at(-1)) ? value.replace(/^[\t ]+|[\t ]+$/g, "") : value;
}

function isPadding(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\r\n", at);
  return end === -1 ? text.length : end;
}

/** The answer is no HTTP, or not clearly one thing. The message holds nothing of it. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";

  constructor(where: string) {
    super(`The answer is malformed: ${where}.`);
  }
}

/**
 * How long the body of an answer is (RFC 9112 §6.3): in bytes, in chunks, or until the connection ends.
 *
 * @throws {MalformedAnswer} for a length that is told twice or is none
 */
export function readFraming(method: string, { status, headers }: AnswerHead): number | "chunked" | "until_end" {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (length !== undefined || coding.toLowerCase() !== "chunked") throw new MalformedAnswer("framing");
    return "chunked";
  }
  if (length === undefined) return "until_end";
  if (!/^\d{1,15}$/.test(length)) throw new MalformedAnswer("length");
  return Number(length);
}

/** What is not said of it is what most servers allow; of what is said, a second goes off for the way. */
function keepMsOf(headers: ReadonlyMap<string, string>): number {
  const connection = headers.get("connection");
  if (connection !== undefined && /(^|[\s,])close($|[\s,])/i.test(connection)) return 0;
  const keepAlive = headers.get("keep-alive");
  const [, seconds] = keepAlive === undefined ? [] : (/(?:^|[\s,])timeout=(\d{1,6})/i.exec(keepAlive) ?? []);
  return seconds === undefined ? 4_000 : Math.max(0, Number(seconds) * 1_000 - 1_000);
}

const statusLine = /^HTTP\/1\.[01] [1-5]\d\d( [\t\x20-\x7e\x80-\xff]*)?$/;
