import fc from "fast-check";

/** The answer to a request, in bytes: put together from parts that are in order and parts that are not, then changed. */
export type MutatedAnswer = { readonly method: string; readonly bytes: string };

const pick = (...parts: readonly string[]) => fc.constantFrom(...parts);
const mostly = (good: fc.Arbitrary<string>, bad: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad });

const statusLine = mostly(
  pick("HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.0 200 OK"),
  pick("HTTP/1.1 099 A", "HTTP/1.1 600 A", "HTTP/1.1 20 A", "HTTP/2.0 200 OK", "http/1.1 200 OK", "HTTP/1.1  200 OK"),
);
const length = mostly(
  pick("0", "2", "5", "05"),
  pick("-1", "x", "", "+5", "5, 5", "5 5", "0x5", "5;", "99999999999999999999"),
);
const coding = mostly(
  pick("chunked", "Chunked"),
  pick("gzip", "gzip, chunked", "identity", "", "chunked, chunked", ",chunked"),
);
const blank = mostly(pick(" ", "", "  ", "\t"), pick("\x0b", "\xa0", "\0", " \t \t"));
const name = mostly(pick("x-a", "X-B", "set-cookie", "keep-alive"), pick("x a", "x-a ", "", "x\x7f", "(x)", "\xe9"));
const value = mostly(pick("1", "", "a b", "\xe9"), pick("a\0b", "a\rb", "a\nb", "a\x7f", "a\r\n b", "\x01"));
const field = fc
  .oneof(
    fc.tuple(pick("content-length", "Content-Length"), blank, length),
    fc.tuple(pick("transfer-encoding"), blank, coding),
    fc.tuple(pick("connection"), blank, pick("close", "keep-alive", "x, close", "upgrade")),
    fc.tuple(name, blank, value),
  )
  .map(([header, space, content]) => `${header}:${space}${content}`);

const extension = mostly(
  pick("", ";a", ";a=b", ';a="b c"', ";a;b=1"),
  pick(";", "; a", ";a=", ';a="b', ';a="b"c', " ", ";=", ";a b", '; a="\\"'),
);
const size = mostly(pick("2", "02", "A"), pick("", " 2", "2 ", "-2", "0x2", "g", "fffffffffffffffff"));
const chunk = fc
  .tuple(size, extension, mostly(pick("hi", "0123456789"), pick("h", "hii")))
  .map(([a, b, c]) => `${a}${b}\r\n${c}\r\n`);
const trailers = mostly(
  pick("", "x-t: 1\r\n"),
  pick("x t: 1\r\n", "HTTP/1.1 200 OK\r\n", "content-length: 2\r\n", "x\r\n", " a\r\n"),
);
const chunks = fc
  .tuple(fc.array(chunk, { maxLength: 2 }), extension, trailers)
  .map(([parts, behind, last]) => `${parts.join("")}0${behind}\r\n${last}\r\n`);
const body = fc.oneof(pick("", "hi", "hello", "hello, and more"), chunks, chunks);

const head = fc
  .tuple(statusLine, fc.array(field, { maxLength: 3 }))
  .map(([line, fields]) => `${[line, ...fields].join("\r\n")}\r\n\r\n`);
const interim = mostly(
  pick("", "", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 A\r\nlink: a\r\n\r\n"),
  pick(
    "HTTP/1.1 100 A\r\nconnection: close\r\n\r\n",
    "HTTP/1.0 100 A\r\n\r\n",
    "HTTP/1.1 102 A\r\ncontent-length: 2\r\n\r\n",
    "HTTP/1.1 101 A\r\nupgrade: a\r\n\r\n",
  ),
);

/** One byte that is put in, taken out or replaced, at a place that is told in thousandths of the whole. */
const change = fc.record({
  at: fc.nat(999),
  removed: fc.nat(2),
  added: pick("", " ", "\t", "\r", "\n", "\r\n", "\0", ":", ";", ",", "0", "a", "\x7f", "\x80", "\xff", '"'),
});

export const mutatedAnswer: fc.Arbitrary<MutatedAnswer> = fc
  .tuple(pick("GET", "GET", "HEAD"), interim, head, body, fc.array(change, { maxLength: 2 }))
  .map(([method, before, first, last, changes]) => ({ method, bytes: changes.reduce(apply, before + first + last) }));

function apply(bytes: string, { at, removed, added }: { at: number; removed: number; added: string }): string {
  const place = Math.floor((at / 1000) * (bytes.length + 1));
  return bytes.slice(0, place) + added + bytes.slice(place + removed);
}
