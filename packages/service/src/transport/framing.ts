import type { AnswerHead } from "./answer-head.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/**
 * How long the body of an answer is (RFC 9112 §6.3): in bytes, in chunks, or until the connection ends. What the answer
 * says of its length is checked also where it has no body: another reader may look at it there.
 *
 * @throws {MalformedAnswer} for a length that is told twice or is none
 */
export function readFraming(method: string, head: AnswerHead): number | "chunked" | "until_end" {
  const { status, isOld, headers } = head;
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined && (isOld || length !== undefined || coding.toLowerCase() !== "chunked")) {
    throw new MalformedAnswer("framing");
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new MalformedAnswer("length");
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  if (coding !== undefined) return "chunked";
  return length === undefined ? "until_end" : Number(length);
}

/**
 * Checks an interim answer (RFC 9110 §15.2). It has no body to tell the length of (§8.6, RFC 9112 §6.1), and the connection goes
 * on behind it: one that says otherwise makes the final answer a matter of opinion.
 *
 * @throws {MalformedAnswer}
 */
export function checkInterim({ status, headers, closes }: AnswerHead): void {
  if (status === 101) throw new MalformedAnswer("an upgrade that nobody asked for");
  const saysLength = headers.has("content-length") || headers.has("transfer-encoding");
  if (closes || saysLength) throw new MalformedAnswer("an interim answer");
}
