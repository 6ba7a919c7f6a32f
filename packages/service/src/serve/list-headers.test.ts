import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Peer, type Served, serve } from "../serve.ts";

let served: Served | undefined;
afterEach(() => served?.stop());

const sent = [
  "Host: service.test",
  "X-Mixed-Case: One",
  "Content-Type: text/plain",
  "Content-Type: text/html",
  "User-Agent: first",
  "User-Agent: second",
  "X-Twice: a, b",
  "x-twice:   c  ",
  "Cookie: a=1",
  "Cookie: b=2",
  "Constructor: x",
  "Connection: close",
];

it("lists the headers of a request as iterating them does: each that came twice is there in full", async () => {
  const listings: string[][] = [];
  const handler = (request: Request, { listHeaders }: Peer) => {
    const sorted = (pairs: Iterable<readonly [string, string]>) =>
      Array.from(pairs, ([name, value]) => `${name}: ${value}`).toSorted((a, b) => (a < b ? -1 : 1));
    listings.push(sorted(listHeaders?.() ?? request.headers), sorted(request.headers));
    return new Response("ok");
  };
  served = await serve(handler, { port: 0, hostname: "127.0.0.1" });
  const socket = connect(served.port, "127.0.0.1");
  socket.end(`GET / HTTP/1.1\r\n${sent.join("\r\n")}\r\n\r\n`);
  await once(socket.resume(), "close");
  const [listed, iterated] = listings;
  expect(listed).toEqual(iterated);
  expect(listed).toContain("x-twice: a, b, c");
  expect(listed).toContain("content-type: text/plain, text/html");
});
