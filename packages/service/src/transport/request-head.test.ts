import { describe, expect, it } from "vitest";
import type { Outgoing } from "./port.ts";
import { writeRequestHead } from "./request-head.ts";

function write(outgoing: Partial<Outgoing>, framing: number | "chunked" | null = null): string {
  const request: Outgoing = {
    origin: "http://a.test",
    path: "/",
    method: "GET",
    headers: {},
    body: null,
    isGone: () => false,
    timeoutMs: 1,
    ...outgoing,
  };
  return writeRequestHead(request, "a.test:80", framing);
}

describe("the head of a request", () => {
  it("is one line for each header, with the framing that its body has", () => {
    const headers = { "x-a": "1\t2", accept: "é" };
    expect(write({ headers }, 5)).toBe(
      "GET / HTTP/1.1\r\nhost: a.test:80\r\nx-a: 1\t2\r\naccept: é\r\ncontent-length: 5\r\n\r\n",
    );
    expect(write({ method: "POST" }, "chunked")).toContain("\r\ntransfer-encoding: chunked\r\n\r\n");
    expect(write({})).toBe("GET / HTTP/1.1\r\nhost: a.test:80\r\n\r\n");
  });

  // U+010A and U+010D are written as one byte each: a line feed and a carriage return
  it.each(["\r", "\n", "\0", "\x7f", "\u010a", "\u010d", "\u2028", "€"])("holds no %j", (character) => {
    expect(() => write({ headers: { "x-a": `1${character}x-user-id: admin` } })).toThrow(TypeError);
    expect(() => write({ headers: { [`x${character}a`]: "1" } })).toThrow(TypeError);
    expect(() => write({ path: `/a${character}b` })).toThrow(TypeError);
    expect(() => write({ method: `GET${character}` })).toThrow(TypeError);
  });

  it("has no room for a second line in its target or a name", () => {
    expect(() => write({ path: "/ HTTP/1.1" })).toThrow(TypeError);
    expect(() => write({ headers: { "x-a: 1": "2" } })).toThrow(TypeError);
    expect(() => write({ headers: { "": "2" } })).toThrow(TypeError);
  });
});
