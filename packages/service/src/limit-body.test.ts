import { Hono } from "hono";
import { expect, it } from "vitest";
import { limitBody } from "./limit-body.ts";

const app = new Hono();
app.use(limitBody(10, () => new Response("too big", { status: 413 })));
app.all("*", async (c) => new Response(await c.req.text()));

const send = async (body: string | ReadableStream, headers: Record<string, string> = {}) => {
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
  const response = await app.request("/", init);
  return [response.status, await response.text()];
};
const inPieces = (...pieces: readonly string[]) =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });

it("judges a body by the length that it announces", async () => {
  expect(await send("0123456789", { "content-length": "10" })).toEqual([200, "0123456789"]);
  expect(await send("0123456789a", { "content-length": "11" })).toEqual([413, "too big"]);
  for (const length of ["1e9", "ten", "10, 10"])
    expect(await send("0", { "content-length": length })).toEqual([413, "too big"]);
});

it("counts one that announces none, or comes in chunks whatever it announces", async () => {
  expect(await send(inPieces("01234", "56789"))).toEqual([200, "0123456789"]);
  expect(await send(inPieces("01234", "56789", "a"))).toEqual([413, "too big"]);
  const lie = { "content-length": "5", "transfer-encoding": "chunked" };
  expect(await send(inPieces("01234", "56789", "a"), lie)).toEqual([413, "too big"]);
});

it("lets pass what has no body", async () => {
  for (const method of ["GET", "HEAD", "DELETE"]) expect((await app.request("/", { method })).status).toBe(200);
});
