/** What stands behind every proxy: the cheapest server there is, with one small JSON answer to everything. */
import { createServer } from "node:http";
import { answer } from "../harness/answer.ts";
import { listen } from "../harness/listen.ts";
import { userId } from "./query.ts";

const body = JSON.stringify({ result: { data: { id: userId } } });
const headers = {
  "content-type": "application/json",
  "content-length": String(Buffer.byteLength(body)),
  "cache-control": "no-store",
};
const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
  response.writeHead(200, headers).end(body);
});
const port = await listen(server);

answer({ start: () => ({ port }) });
