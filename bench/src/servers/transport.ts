/** The gateway's way from a client to a service and back, and nothing else: no check. What is above it, the checks cost. */
import { createTransport, serveAnswers } from "@countersign/service";
import { answer, settings } from "../harness/answer.ts";

const { backendPort } = settings<{ backendPort: number }>();
const { forward } = createTransport();
const origin = `http://127.0.0.1:${backendPort}`;
const ofThisHop = new Set(["host", "connection", "keep-alive"]);
const passing = { origin, body: null, timeoutMs: 30_000 };
const { port } = await serveAnswers(
  async ({ method, target, headers, isGone }) => {
    const kept = Object.fromEntries([...headers].filter(([name]) => !ofThisHop.has(name)));
    const answered = await forward({ ...passing, path: target, method, headers: kept, isGone });
    for (const name of ofThisHop) answered.headers.delete(name);
    return answered;
  },
  { port: 0, hostname: "127.0.0.1" },
);

answer({ start: () => ({ port, headers: {} }) });
