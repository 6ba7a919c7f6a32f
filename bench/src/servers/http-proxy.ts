/** http-proxy as its documentation has it, with connections kept alive. */
import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";
import { answer, settings } from "../harness/answer.ts";

const { backendPort } = settings<{ backendPort: number }>();
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
});
const server = createServer((request, response) => proxy.web(request, response));
const port = await new Promise<number>((resolve) => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
});

answer({ start: () => ({ port, headers: {} }) });
