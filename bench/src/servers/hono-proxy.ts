/** Hono with its own helper `hono/proxy`, as its documentation has it. */
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { answer, settings } from "../harness/answer.ts";
import { serveFetch } from "./serve-fetch.ts";

const { backendPort } = settings<{ backendPort: number }>();
const app = new Hono();
app.all("*", (c) => {
  const { pathname, search } = new URL(c.req.url);
  return proxy(`http://127.0.0.1:${backendPort}${pathname}${search}`, { ...c.req });
});
const port = await serveFetch(app.fetch);

answer({ start: () => ({ port, headers: {} }) });
