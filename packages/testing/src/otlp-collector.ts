import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** A span as a collector was sent it. */
export type CollectedSpan = {
  readonly service: string;
  readonly name: string;
  /** `internal`, `server` or `client`. */
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly tracestate: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** A server that takes traces as OTLP over HTTP, as JSON. */
export type OtlpCollector = {
  readonly url: string;
  /** What has arrived so far, in that order. */
  readonly spans: readonly CollectedSpan[];
  /** Everything that it was sent, as text. */
  readonly bodies: readonly string[];
  close(): Promise<void>;
};

const pair = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(""),
  traceState: z.string().default(""),
  name: z.string(),
  kind: z.number(),
  attributes: z.array(pair).default([]),
  status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
});
const body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(pair) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});
const kinds = ["unspecified", "internal", "server", "client"];

/** Listens on a free port of this machine. */
export async function createOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      bodies.push(text);
      spans.push(...readSpans(text));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, spans, bodies, close };
}

function readSpans(text: string): readonly CollectedSpan[] {
  return body.parse(JSON.parse(text)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(toRecord(resource.attributes)["service.name"]);
    return scopeSpans.flatMap((scope) => scope.spans.map((one) => toCollected(service, one)));
  });
}

function toCollected(service: string, sent: z.output<typeof span>): CollectedSpan {
  const { traceId, spanId, parentSpanId, name, traceState } = sent;
  const kind = kinds[sent.kind] ?? "unspecified";
  const attributes = toRecord(sent.attributes);
  return {
    service,
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    tracestate: traceState,
    failed: sent.status.code === 2,
    attributes,
  };
}

function toRecord(pairs: readonly z.output<typeof pair>[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));
}
