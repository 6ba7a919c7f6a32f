import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readByLlhttp, type Verdict } from "../../test/llhttp.ts";
import { mutatedAnswer } from "../../test/mutated-answers.ts";
import { createAnswerReader } from "./answer-reader.ts";

/** What our own client makes of an answer that comes byte by byte, why it refuses it, and how much of the bytes it is. */
function readByUs(method: string, bytes: string): { verdict: Verdict; why: string; answer: string } {
  const read = { status: 0, fields: [] as [string, string][], body: "" };
  let isWhole = false;
  const reader = createAnswerReader(method, {
    begins: ({ status, headers, cookies }) => {
      read.status = status;
      read.fields = [...headers, ...cookies.map((cookie): [string, string] => ["set-cookie", cookie])];
    },
    data: (part) => void (read.body += part.toString("latin1")),
    ends: () => void (isWhole = true),
  });
  let used = 0;
  try {
    for (const byte of bytes) {
      if (isWhole) break;
      used += 1;
      reader.push(Buffer.from(byte, "latin1"));
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { verdict: null, why: error.message, answer: bytes };
  }
  return { verdict: isWhole ? read : null, why: "not whole", answer: bytes.slice(0, used) };
}

/** Fields that came several times, joined; each cookie on its own. */
function joined(verdict: Verdict) {
  if (verdict === null) return null;
  const fields = new Map<string, string>();
  for (const [name, value] of verdict.fields) {
    const said = fields.get(name);
    fields.set(name, said === undefined ? value : `${said}, ${value}`);
  }
  return { ...verdict, fields: [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

/**
 * Where we refuse what llhttp takes: by the reason, and what the bytes then show. Each is stricter by RFC 9112, or by a bound.
 */
const stricter: readonly (readonly [string, RegExp])[] = [
  [
    "status line",
    /^\s|\r\n\r\n\s|(^|\n)HTTP\/(?!1\.[01] )|HTTP\/1\.[01] (?![1-5]\d\d( |\r))|(^|\n)HTTP[^\n]*([^\t\r\n -~\x80-\xff]|\r(?!\n))/i,
  ], // other versions and statuses, empty lines in front, controls in the reason
  ["framing", /transfer-encoding:|HTTP\/1\.0/i], // codings other than chunked; chunks of HTTP/1.0
  ["length", /content-length:\s*\d{16,}/i], // more than 15 digits
  ["size of a chunk", /\r\n[0-9a-f]{9,}/i], // more than 8 digits
  ["extension of a chunk", /;/], // a name or value that is empty
  ["trailers", /(content-length|transfer-encoding):/i], // framing that comes too late
  ["an upgrade", /HTTP\/1\.[01] 101/], // llhttp goes on where Connection does not name it
  ["an interim answer", /HTTP\/1\.[01] 1\d\d/], // with a length, of HTTP/1.0, or that closes
];

describe("an answer that llhttp refuses", () => {
  it("is refused, and one that is taken is read as llhttp reads it", async (context) => {
    if ("Bun" in globalThis) context.skip("the HTTP client of node:http on Bun is another parser");
    const property = fc.asyncProperty(mutatedAnswer, async ({ method, bytes }) => {
      const { verdict, why, answer } = readByUs(method, bytes);
      const theirs = await readByLlhttp(method, answer); // bytes behind it end our connection: http.test.ts
      if (verdict !== null) expect(joined(verdict)).toEqual(joined(theirs));
      else if (theirs !== null)
        expect(stricter.some(([reason, shape]) => why.includes(reason) && shape.test(bytes)) || why).toBe(true);
    });
    await expect(fc.assert(property, { seed: 11, numRuns: 1_500 })).resolves.toBeUndefined(); // another seed tries others
  }, 60_000);
});
