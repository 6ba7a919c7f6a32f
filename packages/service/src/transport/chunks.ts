import { readFieldLine } from "./field-line.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/**
 * Takes a body out of its chunks (RFC 9112 §7.1). Extensions mean nothing here, and trailers end here; both are held to their
 * grammar, so that the head of another answer is never taken for a trailer.
 */
export type Chunks = {
  /**
   * Gives the data among these bytes to `data`.
   *
   * @returns what comes behind the body, or null while the body goes on
   * @throws {MalformedAnswer}
   */
  push(bytes: Buffer, data: (part: Buffer) => void): Buffer | null;
};

/** Longer lines than any server writes: a size with its extension, or a trailer. */
const longestLine = 4 * 1024;
const mostTrailers = 64;

export function createChunks(): Chunks {
  let line = "";
  let left = 0;
  let reads: "size" | "data" | "data_end" | "trailer" = "size";
  let trailers = 0;

  /** The rest of a line that ends among these bytes, or null. */
  function takeLine(bytes: Buffer): { text: string; rest: Buffer } | null {
    const feed = bytes.indexOf(10);
    line += bytes.toString("latin1", 0, feed === -1 ? bytes.length : feed);
    if (line.length > longestLine) throw new MalformedAnswer("chunk line");
    if (feed === -1) return null;
    const text = line;
    line = "";
    if (!text.endsWith("\r")) throw new MalformedAnswer("chunk line");
    return { text: text.slice(0, -1), rest: bytes.subarray(feed + 1) };
  }

  function takeData(bytes: Buffer, data: (part: Buffer) => void): Buffer {
    const part = bytes.length <= left ? bytes : bytes.subarray(0, left);
    left -= part.length;
    if (left === 0) reads = "data_end";
    data(part);
    return bytes.subarray(part.length);
  }

  /** Whether this line is the last one of the body. */
  function read(text: string): boolean {
    if (reads === "size") {
      left = sizeOf(text);
      reads = left === 0 ? "trailer" : "data";
      return false;
    }
    if (reads === "data_end") {
      if (text !== "") throw new MalformedAnswer("end of a chunk");
      reads = "size";
      return false;
    }
    if (text === "") return true;
    trailers += 1;
    if (trailers > mostTrailers || ofFraming.has(readFieldLine(text).name)) throw new MalformedAnswer("trailers");
    return false;
  }

  return {
    push(bytes, data) {
      let rest = bytes;
      while (rest.length > 0) {
        if (reads === "data") {
          rest = takeData(rest, data);
          continue;
        }
        const taken = takeLine(rest);
        if (taken === null) return null;
        rest = taken.rest;
        if (read(taken.text)) return rest;
      }
      return null;
    },
  };
}

function sizeOf(text: string): number {
  const [, size, extensions] = /^([0-9a-f]{1,8})(;.*)?$/i.exec(text) ?? [];
  if (size === undefined) throw new MalformedAnswer("size of a chunk");
  if (extensions !== undefined && !chunkExtensions.test(extensions)) throw new MalformedAnswer("extension of a chunk");
  return Number.parseInt(size, 16);
}

/** RFC 9112 §7.1.1, without the blanks that only a lenient reader takes. */
const chunkExtensions =
  /^(;[\w!#$%&'*+.^`|~-]+(=([\w!#$%&'*+.^`|~-]+|"([\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)+$/;

/** RFC 9110 §6.5.1: they come too late. */
const ofFraming: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);
