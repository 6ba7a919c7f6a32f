import { appendField } from "../fields.ts";
import { readFieldLine } from "./field-line.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/** The head of an answer, read strictly: what two readers could take for two things is nothing here. */
export type AnswerHead = {
  readonly status: number;
  /** Whether it is of HTTP/1.0, which has no chunks and no interim answers. */
  readonly isOld: boolean;
  /** By lower-case name; what came several times is joined by commas (RFC 9110 §5.3). */
  readonly headers: Map<string, string>;
  /** Each Set-Cookie, the one field that cannot be joined (RFC 6265 §3). */
  readonly cookies: readonly string[];
  /** Whether the connection ends with it (RFC 9112 §9.6). */
  readonly closes: boolean;
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
    const { name, value } = readFieldLine(text.slice(at, end));
    if (name === "set-cookie") cookies.push(value);
    else appendField(headers, name, value);
  }
  const status = Number(text.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
  const isOld = text.startsWith("HTTP/1.0");
  const closes = isOld || /(^|[\s,])close($|[\s,])/i.test(headers.get("connection") ?? "");
  return { status, isOld, headers, cookies, closes, keepMs: closes ? 0 : keepMsOf(headers) };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\r\n", at);
  return end === -1 ? text.length : end;
}

/** What is not said of it is what most servers allow; of what is said, a second goes off for the way. */
function keepMsOf(headers: ReadonlyMap<string, string>): number {
  const keepAlive = headers.get("keep-alive");
  const [, seconds] = keepAlive === undefined ? [] : (/(?:^|[\s,])timeout=(\d{1,6})/i.exec(keepAlive) ?? []);
  return seconds === undefined ? 4_000 : Math.max(0, Number(seconds) * 1_000 - 1_000);
}

const statusLine = /^HTTP\/1\.[01] [1-5]\d\d( [\t\x20-\x7e\x80-\xff]*)?$/;
