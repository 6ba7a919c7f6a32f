import { type IncomingMessage, request } from "node:http";
import { Duplex } from "node:stream";

/** An answer as a client reads it; null when it refuses the answer, or has not got the whole of it. */
export type Verdict = {
  readonly status: number;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
} | null;

/** Gives bytes to Node's own HTTP client, whose parser is llhttp, as the answer to a request, and ends the connection. */
export function readByLlhttp(method: string, bytes: string): Promise<Verdict> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const asked = request({ method, createConnection: () => wire, maxHeaderSize: 64 * 1024 });
    asked.on("socket", () =>
      setImmediate(() => {
        wire.push(Buffer.from(bytes, "latin1"));
        wire.push(null);
      }),
    );
    const refuse = () => resolve(null);
    asked.on("response", (response) => void collect(response).then(resolve, refuse));
    asked.on("upgrade", refuse);
    asked.on("error", refuse);
    asked.on("close", () => setImmediate(refuse)); // of what has ended with a response nothing is left to resolve
    asked.end();
  });
}

async function collect(response: IncomingMessage): Promise<Verdict> {
  let body = "";
  for await (const part of response) body += (part as Buffer).toString("latin1"); // no encoding is set
  const { statusCode: status = 0, rawHeaders: raw } = response;
  const fields = raw.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""]] : [],
  );
  return response.complete ? { status, fields, body } : null;
}
