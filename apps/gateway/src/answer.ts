import { markWhole } from "@countersign/service";

/**
 * An answer on its way to the client. A `Response` is made of it once, at the end: on Node, each reading or writing of
 * a `Response`'s headers costs as much as everything that is decided about them.
 */
export type Answer = {
  readonly status: number;
  /** By lower-case name; what came several times is joined by commas (RFC 9110 §5.3). */
  readonly headers: Map<string, string>;
  /** The one field that cannot be joined (RFC 6265 §3). */
  readonly cookies?: readonly string[];
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
};

export function toResponse({ status, headers, cookies = [], body }: Answer): Response {
  const response = new Response(body, {
    status,
    headers: cookies.length === 0 ? Object.fromEntries(headers) : [...headers, ...cookies.map(toHeader)],
  });
  return body instanceof ReadableStream ? response : markWhole(response);
}

/** Adds to a header what it may say already. */
export function append(headers: Answer["headers"], name: string, value: string): void {
  const said = headers.get(name);
  headers.set(name, said === undefined ? value : `${said}, ${value}`);
}

/** An answer of the gateway's own, to be stored by nobody unless `headers` say so. */
export function answerJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const standard = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers: new Map(Object.entries({ ...standard, ...headers })), body: JSON.stringify(body) };
}

function toHeader(cookie: string): [string, string] {
  return ["set-cookie", cookie];
}
