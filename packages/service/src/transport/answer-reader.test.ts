import { fastest } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createAnswerReader } from "./answer-reader.ts";

type Told = { status: number | null; body: string; keepMs: number | null; headers: string; cookies: readonly string[] };

/** Reads bytes, cut into parts of this length; then the service sends no more where `ends` says so. */
function read(bytes: string, { method = "GET", cut = bytes.length, ends = false } = {}): Told {
  const told: Told = { status: null, body: "", keepMs: null, headers: "", cookies: [] };
  const reader = createAnswerReader(method, {
    begins: ({ status, headers, cookies }) =>
      Object.assign(told, { status, cookies, headers: [...headers].join("; ") }),
    data: (part) => void (told.body += part.toString("latin1")),
    ends: (keepMs) => void (told.keepMs = keepMs),
  });
  const all = Buffer.from(bytes, "latin1");
  for (let at = 0; at < all.length; at += cut) reader.push(all.subarray(at, at + cut));
  if (ends) reader.end();
  return told;
}

const ok = "HTTP/1.1 200 OK\r\n";
const chunks = `${ok}transfer-encoding: chunked\r\n\r\n`;
const whole = { status: 200, keepMs: 4_000 };

describe("an answer is read, however its bytes are cut", () => {
  const cuts = [1, 2, 3, 5, 7, 1_000];
  it.each<[string, string, Partial<Told>]>([
    ["of known length", `${ok}content-length: 5\r\n\r\nhello`, { ...whole, body: "hello" }],
    ["without a body", `${ok}content-length: 0\r\n\r\n`, { ...whole, body: "" }],
    ["without a reason", "HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na", { ...whole, body: "a" }],
    [
      "204, whatever it says of a length",
      "HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n",
      { status: 204, keepMs: 4_000 },
    ],
    [
      "in chunks",
      `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nA;x="y"\r\n0123456789\r\n0\r\n\r\n`,
      { ...whole, body: "hello0123456789" },
    ],
    [
      "in chunks, with trailers",
      `${ok}Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nx-user-id: admin\r\n\r\n`,
      { ...whole, body: "a", headers: "transfer-encoding,Chunked" },
    ],
    [
      "after interim answers",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: a\r\n\r\n${ok}content-length: 1\r\n\r\na`,
      { ...whole, body: "a", headers: "content-length,1" },
    ],
    [
      "with headers that come twice",
      `${ok}X-A: \t 1\r\nx-a:2 \t\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n`,
      { headers: "x-a,1, 2; content-length,0", cookies: ["a=1", "b=2"] },
    ],
    ["of a service that closes", `${ok}Connection: keep-alive, Close\r\ncontent-length: 0\r\n\r\n`, { keepMs: 0 }],
    [
      "of a service that says how long it waits",
      `${ok}keep-alive: timeout=10, max=5\r\ncontent-length: 0\r\n\r\n`,
      { keepMs: 9_000 },
    ],
    [
      "of an older service",
      "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na",
      { body: "a", keepMs: 0 },
    ],
  ])("%s", (_what, bytes, expected) => {
    for (const cut of cuts) expect(read(bytes, { cut })).toMatchObject(expected);
  });

  it("until the connection ends", () => {
    expect(read(`${ok}\r\nhello`, { ends: true })).toMatchObject({ body: "hello", keepMs: 0 });
    expect(read(`${ok}\r\nhello`).keepMs).toBeNull();
  });

  it("to HEAD, whose length is that of a body which does not come", () => {
    expect(read(`${ok}content-length: 5\r\n\r\n`, { method: "HEAD" })).toMatchObject({ body: "", keepMs: 4_000 });
  });

  it("and never shares its connection when something came behind it", () => {
    expect(read(`${ok}content-length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n`)).toMatchObject({ body: "a", keepMs: 0 });
    expect(read(`${ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\nx`)).toMatchObject({ body: "", keepMs: 0 });
  });
});

describe("an answer that two readers could take for two things is refused", () => {
  it.each<[string, string]>([
    ["a length and chunks", `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
    ["two lengths", `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\n`],
    ["two equal lengths", `${ok}content-length: 5\r\ncontent-length: 5\r\n\r\n`],
    ["a length with a sign", `${ok}content-length: +5\r\n\r\n`],
    ["a negative length", `${ok}content-length: -5\r\n\r\n`],
    ["a length behind a no-break space", `${ok}content-length: \xa05\r\n\r\n`],
    ["an empty length", `${ok}content-length:\r\n\r\n`],
    ["a length beyond any number", `${ok}content-length: 9999999999999999\r\n\r\n`],
    ["chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["another coding", `${ok}transfer-encoding: gzip, chunked\r\n\r\n`],
    ["two codings", `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
    ["a folded header", `${ok}x-a: 1\r\n x-b: 2\r\n\r\n`],
    ["a space before the colon", `${ok}content-length : 5\r\n\r\n`],
    ["a header without a colon", `${ok}x-a\r\n\r\n`],
    ["a header without a name", `${ok}: 5\r\n\r\n`],
    ["lines that end in LF alone", `${ok}x-a: 1\nx-b: 2\r\n\r\n`],
    ["a bare CR", `${ok}x-a: 1\rx-b: 2\r\n\r\n`],
    ["a null byte", `${ok}x-a: 1\0\r\n\r\n`],
    ["another protocol", "HTTP/2.0 200 OK\r\n\r\n"],
    ["no protocol", "hello there\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 999 OK\r\n\r\n"],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"],
    ["a chunk size that is none", `${ok}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ["a chunk size beyond any number", `${ok}transfer-encoding: chunked\r\n\r\nfffffffff\r\n`],
    ["a chunk size with a sign", `${ok}transfer-encoding: chunked\r\n\r\n-1\r\n`],
    ["a chunk size with a blank behind it", `${chunks}5 \r\nhello\r\n0\r\n\r\n`],
    ["a chunk size with a blank before it", `${chunks} 5\r\nhello\r\n0\r\n\r\n`],
    ["a chunk size with a tab before its extension", `${chunks}5\t;a=b\r\nhello\r\n0\r\n\r\n`],
    ["a chunk without a size", `${chunks};a=b\r\n\r\n`],
    ["a chunk size with a prefix", `${chunks}0x5\r\nhello\r\n0\r\n\r\n`],
    ["an extension without a name", `${chunks}5;\r\nhello\r\n0\r\n\r\n`],
    ["an extension with blanks", `${chunks}5; a=b\r\nhello\r\n0\r\n\r\n`],
    ["an extension that is no token", `${chunks}5;a=[b]\r\nhello\r\n0\r\n\r\n`],
    ["an extension whose quotes stay open", `${chunks}5;a="b\r\nhello\r\n0\r\n\r\n`],
    ["an extension with something behind its quotes", `${chunks}5;a="b"c\r\nhello\r\n0\r\n\r\n`],
    ["an extension with a bare CR", `${chunks}5;a=b\rc\r\nhello\r\n0\r\n\r\n`],
    ["an extension on the last chunk that is no token", `${chunks}0;a b\r\n\r\n`],
    ["another answer's head as trailers", `${chunks}0\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`],
    ["a trailer without a colon", `${chunks}0\r\nx-a\r\n\r\n`],
    ["a trailer with a space before its colon", `${chunks}0\r\nx-a : b\r\n\r\n`],
    ["a folded trailer", `${chunks}0\r\nx-a: b\r\n c\r\n\r\n`],
    ["a trailer with a null byte", `${chunks}0\r\nx-a: \0\r\n\r\n`],
    ["a trailer that tells a length", `${chunks}0\r\ncontent-length: 5\r\n\r\n`],
    ["a trailer that tells a coding", `${chunks}0\r\ntransfer-encoding: chunked\r\n\r\n`],
    ["an interim answer that closes", `HTTP/1.1 100 Continue\r\nconnection: close\r\n\r\n${ok}\r\n`],
    ["an interim answer of HTTP/1.0", `HTTP/1.0 100 Continue\r\n\r\n${ok}\r\n`],
    ["an interim answer with a length", `HTTP/1.1 103 Early\r\ncontent-length: 5\r\n\r\n${ok}\r\n`],
    ["an interim answer in chunks", `HTTP/1.1 103 Early\r\ntransfer-encoding: chunked\r\n\r\n${ok}\r\n`],
    ["a chunk that is longer than it says", `${ok}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ["chunk lines that end in LF alone", `${ok}transfer-encoding: chunked\r\n\r\n1\na\r\n`],
    ["an endless head", `${ok}x-a: ${"a".repeat(70_000)}`],
    ["an endless chunk line", `${ok}transfer-encoding: chunked\r\n\r\n1;${"a".repeat(5_000)}`],
    ["endless trailers", `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${"a: b\r\n".repeat(100)}`],
  ])("%s", (_what, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: "MalformedAnswer" }));
    expect(() => read(bytes, { cut: 7 })).toThrow(expect.objectContaining({ name: "MalformedAnswer" }));
  });

  const lengths = ["-1", "x", "5, 5", "+5", "", "5 5", "0x5", "5;", "5.0", "1".repeat(16), "5\r\ncontent-length: 5"];
  it.each(lengths)("where it has no body, too: content-length %j", (length) => {
    const bytes = (status: number) => `HTTP/1.1 ${status} A\r\ncontent-length: ${length}\r\n\r\n`;
    const refused = expect.objectContaining({ name: "MalformedAnswer" });
    for (const status of [204, 304]) expect(() => read(bytes(status))).toThrow(refused);
    expect(() => read(bytes(200), { method: "HEAD" })).toThrow(refused);
  });

  it.each(["gzip", "gzip, chunked", "identity", "", "chunked\r\ncontent-length: 5"])(
    "where it has no body, too: transfer-encoding %j",
    (coding) => {
      const bytes = `${ok}transfer-encoding: ${coding}\r\n\r\n`;
      const refused = expect.objectContaining({ name: "MalformedAnswer" });
      expect(() => read(bytes, { method: "HEAD" })).toThrow(refused);
      expect(() => read(bytes.replace("200", "304"))).toThrow(refused);
    },
  );

  it.each<[string, string]>([
    ["in its head", `${ok}content-le`],
    ["in a body of known length", `${ok}content-length: 5\r\n\r\nhell`],
    ["in its chunks", `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`],
  ])("one that breaks off %s", (_where, bytes) => {
    expect(() => read(bytes, { ends: true })).toThrow(expect.objectContaining({ name: "MalformedAnswer" }));
  });
});

describe("a head costs no more than its bytes", () => {
  const blanks = " ".repeat(60_000);
  it.each([`a${blanks}b`, `${blanks}b`, `b${blanks}`, "timeout=".repeat(7_500), "close,".repeat(10_000)])(
    "with a value such as %.10j",
    (value) => {
      for (const name of ["x-a", "connection", "keep-alive"]) {
        expect(fastest(() => read(`${ok}${name}: ${value}\r\ncontent-length: 0\r\n\r\n`))).toBeLessThan(200); // squared: seconds
      }
    },
  );

  it("when it comes byte by byte: four times the bytes, far from sixteen times the cost", () => {
    const cost = (size: number) =>
      fastest(() => read(`${ok}x-a: ${" ".repeat(size)}\r\ncontent-length: 0\r\n\r\n`, { cut: 1 }));
    cost(15_000); // compiles it
    expect(cost(60_000) / cost(15_000)).toBeLessThan(10);
  });
});
