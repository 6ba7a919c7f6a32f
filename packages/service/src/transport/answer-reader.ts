import { type AnswerHead, readAnswerHead } from "./answer-head.ts";
import { type Chunks, createChunks } from "./chunks.ts";
import { checkInterim, readFraming } from "./framing.ts";
import { createHeadBuffer } from "./head-buffer.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/** Reads the bytes of one answer, however they are cut. */
export type AnswerReader = {
  /** @throws {MalformedAnswer} */
  push(bytes: Buffer): void;
  /**
   * The service sends nothing more.
   *
   * @throws {MalformedAnswer} when the answer is not whole
   */
  end(): void;
  /** Whether a byte has come. */
  hasBegun(): boolean;
};

/** What is told of an answer, in this order; interim answers (RFC 9110 §15.2) are not told. */
export type AnswerEvents = {
  /** `length` is that of the body in bytes; null when only its end will tell. */
  readonly begins: (head: AnswerHead, length: number | null) => void;
  readonly data: (part: Buffer) => void;
  /** The answer is whole; how long the connection may wait for another request, in milliseconds, or 0. */
  readonly ends: (keepMs: number) => void;
};

const longestHead = 64 * 1024;
const endOfHead = "\r\n\r\n";

export function createAnswerReader(method: string, events: AnswerEvents): AnswerReader {
  const held = createHeadBuffer();
  let head: AnswerHead | null = null;
  let body: number | Chunks | "until_end" = 0;
  let hasBegun = false;
  let isWhole = false;

  function begin(read: AnswerHead): void {
    if (read.status < 200) return checkInterim(read);
    head = read;
    const framing = readFraming(method, read);
    body = framing === "chunked" ? createChunks() : framing;
    events.begins(read, typeof framing === "number" ? framing : null);
  }

  function takeBody(bytes: Buffer): void {
    if (typeof body === "object") {
      const behind = body.push(bytes, events.data);
      if (behind !== null) finish(behind.length === 0);
    } else if (body === "until_end") {
      if (bytes.length > 0) events.data(bytes);
    } else {
      const part = bytes.length <= body ? bytes : bytes.subarray(0, body);
      body -= part.length;
      if (part.length > 0) events.data(part);
      if (body === 0) finish(part.length === bytes.length);
    }
  }

  /** Where something came behind it the connection is for no other answer: nobody knows what that was. */
  function finish(isAlone: boolean): void {
    isWhole = true;
    events.ends(isAlone ? (head?.keepMs ?? 0) : 0);
  }

  return {
    push(bytes) {
      hasBegun = true;
      if (isWhole) throw new MalformedAnswer("bytes behind it");
      if (head !== null) return takeBody(bytes);
      let all = held.add(bytes);
      while (head === null) {
        const end = held.end();
        if ((end === -1 ? all.length : end) > longestHead) throw new MalformedAnswer("head too long");
        if (end === -1) return;
        begin(readAnswerHead(all.toString("latin1", 0, end)));
        held.take(end + endOfHead.length);
        all = all.subarray(end + endOfHead.length);
      }
      takeBody(all);
    },
    hasBegun: () => hasBegun,
    end() {
      if (isWhole) return;
      if (head === null || body !== "until_end") throw new MalformedAnswer("broken off");
      finish(false);
    },
  };
}
