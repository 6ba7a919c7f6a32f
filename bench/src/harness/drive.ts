import { connect, type Socket } from "node:net";

export type Load = {
  readonly port: number;
  /** How many connections, each with one request at a time. */
  readonly connections: number;
  /** How many calls in all. */
  readonly calls: number;
  /** The next request of a connection, from the body of its previous answer ("" at first). */
  readonly request: (connection: number, previous: string) => Buffer | string;
  /** The status that every answer must have; 200 unless told. */
  readonly expect?: number;
};

/** A request as it goes over the wire. */
export type HttpRequest = {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
};

/** Puts a request into bytes. */
export function toBytes({ method, path, headers = {}, json }: HttpRequest): Buffer {
  const body = json === undefined ? "" : JSON.stringify(json);
  const sent: Record<string, string> = { host: "127.0.0.1", ...headers };
  if (json !== undefined) {
    sent["content-type"] = "application/json";
    sent["content-length"] = String(Buffer.byteLength(body));
  }
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  const verb = method ?? (json === undefined ? "GET" : "POST");
  return Buffer.from(`${verb} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Puts a POST of a form into bytes. */
export function toForm(path: string, parameters: Readonly<Record<string, string>>): Buffer {
  const body = new URLSearchParams(parameters).toString();
  const lines = [
    "host: 127.0.0.1",
    "content-type: application/x-www-form-urlencoded",
    `content-length: ${body.length}`,
  ];
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Sends the load and resolves when every answer is in. Plain sockets, so that the generator is cheaper than the server. */
export async function drive(load: Load): Promise<void> {
  let left = load.calls;
  const lines = Array.from({ length: load.connections }, async (_, index) => {
    const connection = await openConnection(load.port);
    let body = "";
    while (left > 0) {
      left -= 1;
      const answer = await connection.send(load.request(index, body));
      if (answer.status !== (load.expect ?? 200))
        throw new Error(`Status ${answer.status}: ${answer.body.slice(0, 300)}`);
      body = answer.body;
    }
    connection.close();
  });
  await Promise.all(lines);
}

export type HttpAnswer = { readonly status: number; readonly body: string };

/** One kept-alive connection. */
export type Connection = { send(request: Buffer | string): Promise<HttpAnswer>; close(): void };

export async function openConnection(port: number): Promise<Connection> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let text = "";
  let done: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | null = null;
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const fail = () => done?.reject(new Error(`The connection to port ${port} was closed.`));
  socket.on("error", fail);
  socket.on("close", fail);
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const answer = readAnswer(text);
    if (answer === null) return;
    text = "";
    const { resolve } = done ?? { resolve: () => undefined };
    done = null;
    resolve(answer);
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        done = { resolve, reject };
        if (socket.destroyed)
          fail(); // an idle connection is closed by a server after a while
        else socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The one answer that has arrived, or null while some of it is missing. */
function readAnswer(text: string): HttpAnswer | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = text.slice(0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? { status, body } : null;
  if (!body.endsWith("0\r\n\r\n")) return null;
  return { status, body: body.replace(/[0-9a-fA-F]+\r\n([^]*?)\r\n/g, "$1") };
}
