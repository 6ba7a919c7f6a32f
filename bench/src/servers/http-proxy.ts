/** http-proxy as its documentation has it, with connections kept alive. */
import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";
import { answer, settings } from "../harness/answer.ts";
import { listen } from "../harness/listen.ts";

const { backendPort } = settings<{ backendPort: number }>();
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
});
const server = createServer((request, response) => proxy.web(request, response));
const port = await listen(server);

answer({ start: () => ({ port, headers: {} }) });
