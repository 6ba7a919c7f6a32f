/** The gateway's way to a service and nothing else: Hono and the transport, no check. What is above it, the checks cost. */
import { createTransport } from "@countersign/gateway/app";
import { Hono } from "hono";
import { answer, settings } from "../harness/answer.ts";
import { serveFetch } from "./serve-fetch.ts";

const { backendPort } = settings<{ backendPort: number }>();
const { forward } = createTransport();
const app = new Hono();
app.all("*", async (c) => {
  const headers = c.req.header();
  delete headers["host"];
  delete headers["connection"];
  const { method, signal: gone } = c.req.raw;
  const origin = `http://127.0.0.1:${backendPort}`;
  const request = { origin, path: c.req.path, method, headers, body: null, gone, timeoutMs: 30_000 };
  const { status, headers: answered, body } = await forward(request);
  return new Response(body, { status, headers: Object.fromEntries(answered) });
});
const port = await serveFetch(app.fetch);

answer({ start: () => ({ port, headers: {} }) });
