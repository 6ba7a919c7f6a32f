import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedGateway, serveGateway } from "./served.ts";

let gateway: ServedGateway;
beforeAll(async () => {
  gateway = await serveGateway();
});
afterAll(() => gateway.close());

/** A request's head, as bytes; what follows is its body. */
function head(line: string, ...headers: string[]): string {
  return `${[`${line} HTTP/1.1`, "Host: localhost:4000", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
}

const list = "GET /trpc/orders/list";
const place = "POST /trpc/orders/place";
const smuggled = "GET /trpc/orders/smuggled HTTP/1.1\r\nHost: localhost:4000\r\n\r\n";
const chunked = "Transfer-Encoding: chunked";

/** Sends the bytes; gives the status of every answer, and what arrived at a service because of them. */
async function send(...parts: string[]) {
  const before = gateway.arrived.length;
  const received = await gateway.raw(...parts);
  const statuses = [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  return { received, statuses, arrived: gateway.arrived.slice(before) };
}

describe("refused, and nothing of it reaches a service", () => {
  it.each<[string, string]>([
    ["Content-Length and chunked (CL.TE)", `${head(place, "Content-Length: 6", chunked)}0\r\n\r\n${smuggled}`],
    [
      "chunked and Content-Length (TE.CL)",
      `${head(place, chunked, "Content-Length: 4")}5c\r\n${smuggled}\r\n0\r\n\r\n`,
    ],
    ["two Transfer-Encodings", `${head(place, chunked, "Transfer-Encoding: identity")}0\r\n\r\n${smuggled}`],
    ["an unknown Transfer-Encoding", `${head(place, "Transfer-Encoding: xchunked")}0\r\n\r\n${smuggled}`],
    ["a compressed Transfer-Encoding", `${head(place, "Transfer-Encoding: gzip, chunked")}0\r\n\r\n`],
    ["a coding before chunked, by two headers", `${head(place, "Transfer-Encoding: gzip", chunked)}0\r\n\r\n`],
    ["an empty coding before chunked", `${head(place, "Transfer-Encoding: ,chunked")}0\r\n\r\n`],
    ["an empty coding after chunked", `${head(place, "Transfer-Encoding: chunked,")}0\r\n\r\n`],
    ["an empty Transfer-Encoding", `${head(place, "Transfer-Encoding:")}0\r\n\r\n`],
    ["a space before the colon", `${head(place, "Transfer-Encoding : chunked")}0\r\n\r\n${smuggled}`],
    ["a vertical tab before chunked", `${head(place, "Transfer-Encoding:\x0bchunked")}0\r\n\r\n${smuggled}`],
    ["two lengths", `${head(place, "Content-Length: 2", "Content-Length: 3")}{}x`],
    ["two equal lengths", `${head(place, "Content-Length: 2", "Content-Length: 2")}{}`],
    ["a list of lengths", `${head(place, "Content-Length: 2, 2")}{}`],
    ["a length with a sign", `${head(place, "Content-Length: +2")}{}`],
    ["a negative length", `${head(place, "Content-Length: -2")}{}`],
    ["a hexadecimal length", `${head(place, "Content-Length: 0x2")}{}`],
    ["an empty length", `${head(place, "Content-Length: ")}{}`],
    ["a length beyond any number", head(place, `Content-Length: ${"9".repeat(40)}`)],
    ["a chunk size that is none", `${head(place, chunked)}zz\r\n{}\r\n0\r\n\r\n`],
    ["a chunk size beyond any number", `${head(place, chunked)}fffffffffffffffff\r\n{}\r\n0\r\n\r\n`],
    ["a folded header (obs-fold)", head(list, "X-A: 1", " X-User-Id: admin")],
    ["a folded Authorization header", head(list, "Authorization: Bearer abc", "\tdef")],
    ["lines that end in LF alone", `${list} HTTP/1.1\nHost: localhost:4000\nX-User-Id: admin\n\n`],
    ["a bare CR in a value", head(list, "X-A: 1\rX-User-Id: admin")],
    ["a null byte in a value", head(list, "X-A: 1\0X-User-Id: admin")],
    ["a space in a header's name", head(list, "X-User-Id : admin")],
    ["a header without a colon", head(list, "X-User-Id admin")],
    ["headers above 16 KiB", head(list, `X-Filler: ${"a".repeat(20_000)}`)],
    ["too many headers", head(list, ...Array.from({ length: 2_000 }, (_, index) => `a${index}: b`))],
    ["an endless request line", head(`GET /trpc/orders/list?${"a".repeat(40_000)}`)],
    ["two Host headers", head(list, "Host: evil.example")],
    ["no Host header", "GET /trpc/orders/list HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["a Host that is none", "GET /trpc/orders/list HTTP/1.1\r\nHost: a@b/c?d#e\r\nConnection: close\r\n\r\n"],
    ["HTTP/1.0 without a Host", "GET /trpc/orders/list HTTP/1.0\r\n\r\n"],
    ["HTTP/2 without being asked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a tab in the path", head("GET /trpc/orders/li\tst")],
    ["two versions", head("GET /trpc/orders/list HTTP/1.1")],
    ["CONNECT", head("CONNECT 127.0.0.1:22")],
    ["TRACE", head("TRACE /trpc/orders/list", "Authorization: Bearer abc")],
    ["OPTIONS for the server", head("OPTIONS *")],
    ["another server's address", head("GET http://127.0.0.1:1/metrics")],
    ["dot segments out of a service", head("GET /trpc/orders/../../metrics")],
    ["encoded dot segments out of a service", head("GET /trpc/orders/%2e%2e/%2e%2e/health/ready")],
    ["a doubled slash at the start", head("GET //trpc/orders/list")],
    ["an encoded letter", head("GET /trpc/orders/l%69st")],
    ["two Authorization headers", head(list, "Authorization: Bearer abc", "Authorization: Bearer def")],
    ["two equal Authorization headers", head(list, "Authorization: Bearer abc", "Authorization: Bearer abc")],
    ["two Authorization headers of two schemes", head(list, "Authorization: Bearer abc", "Authorization: Basic abc")],
    ["the second Authorization header empty", head(list, "Authorization: Bearer abc", "Authorization:")],
    ["two Cookie headers", head(list, "Cookie: auth_token=abc", "Cookie: auth_token=def")],
    ["a cookie that contradicts", head(list, "Cookie: auth_token=abc", "Authorization: Bearer def")],
    [
      "two Origins",
      `${head(place, "Origin: http://localhost:4000", "Origin: https://evil.example", "Content-Length: 2")}{}`,
    ],
    [
      "two Sec-Fetch-Sites",
      `${head(place, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site", "Content-Length: 2")}{}`,
    ],
  ])("%s", async (_what, bytes) => {
    const { received, statuses, arrived } = await send(bytes);
    expect(statuses.filter((status) => status < 400 || status === 500)).toEqual([]);
    expect(arrived).toEqual([]);
    expect(received).not.toMatch(/from the service|at file:|node_modules/);
  });
});

describe("taken, and cleaned on the way", () => {
  it("a body in chunks with extensions: the service sees chunks of the gateway's own", async () => {
    const { statuses, arrived } = await send(`${head(place, chunked)}2;a="b"\r\n{}\r\n0\r\n\r\n`);
    expect([statuses, arrived.map(({ body }) => body)]).toEqual([[200], ["{}"]]);
  });

  it("a client that waits to be told to go on (Expect: 100-continue)", async () => {
    const { statuses, arrived } = await send(head(place, "Expect: 100-continue", "Content-Length: 2"), "{}");
    expect([statuses, arrived.map(({ body }) => body)]).toEqual([[100, 200], ["{}"]]);
    expect(namesOf(arrived)).not.toContain("expect");
  });

  it("trailers: they end here", async () => {
    const trailers = "Authorization: Bearer xyz\r\nX-User-Id: admin\r\n\r\n";
    const { arrived } = await send(`${head(place, chunked)}2\r\n{}\r\n0\r\n${trailers}`);
    expect(JSON.stringify(arrived)).not.toMatch(/xyz|admin/); // no digits of a random id
  });

  it("a GET with a body: nothing of the body becomes a request", async () => {
    const { arrived } = await send(head(list, `Content-Length: ${smuggled.length}`) + smuggled);
    expect(arrived.map(({ line }) => line)).not.toContain("GET /trpc/smuggled");
  });

  it("an upgrade to WebSocket or HTTP/2: it stays HTTP/1.1", async () => {
    const upgrades = [
      [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
      ],
      ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"],
    ];
    for (const headers of upgrades) {
      const { statuses, arrived } = await send(head(list, ...headers));
      expect(statuses).toEqual([200]);
      expect(namesOf(arrived)).not.toEqual(expect.arrayContaining(["upgrade"]));
      expect(namesOf(arrived)).not.toEqual(expect.arrayContaining(["http2-settings"]));
    }
  });

  it("the target of another host: the path alone counts", async () => {
    const { arrived } = await send(head("GET http://evil.example/trpc/orders/list"));
    const [seen] = arrived;
    expect(seen?.line).toBe("GET /trpc/list");
    expect(JSON.stringify(seen?.headers)).not.toContain("evil.example");
  });

  it("headers that claim an identity, in every spelling and twice", async () => {
    const claims = [
      "X-User-Id",
      "x_user_id",
      "X-User_Roles",
      "X-Service-Name",
      "X-Countersign-Assertion",
      "Forwarded",
      "X-Real-IP",
      "__proto__",
    ];
    const doubled = claims.flatMap((name) => [`${name}: admin`, `${name}: admin`]);
    const { statuses, arrived } = await send(
      head(list, ...doubled, "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 6.6.6.6"),
    );
    expect(statuses).toEqual([200]);
    expect(JSON.stringify(arrived)).not.toMatch(/admin|6\.6\.6\.6/);
    expect(arrived[0]?.headers).toContainEqual(["x-forwarded-for", "127.0.0.1"]);
  });

  it("headers that two Connection headers name", async () => {
    const { arrived } = await send(
      head(list, "Connection: x-first, close", "Connection: x-second", "X-First: 1", "X-Second: 2"),
    );
    expect(namesOf(arrived).filter((name) => name.startsWith("x-first") || name.startsWith("x-second"))).toEqual([]);
  });

  it("a cookie with a byte beyond ASCII: it is no token, and nothing of it arrives", async () => {
    const { statuses, arrived } = await send(head(list, "Cookie: auth_token=ab\xe9"));
    expect([statuses, arrived.length]).toEqual([[200], 1]);
    expect(namesOf(arrived).filter((name) => name === "cookie" || name === "authorization")).toEqual([]);
  });

  it("a cookie: it arrives once, as Bearer, and in no other header", async () => {
    const { arrived } = await send(head(list, "Cookie: theme=dark; auth_token=xyz; refresh_token=ref"));
    expect(arrived[0]?.headers.filter(([, value]) => /xyz|ref|dark/.test(value))).toEqual([
      ["authorization", "Bearer xyz"],
    ]);
  });
});

describe("a body above the limit", () => {
  const small = { maxBodyBytes: 100_000 };
  const megabyte = "a".repeat(1_000_000);

  it("is refused by its announced length alone", async () => {
    const limited = await serveGateway(small);
    const received = await limited.raw(head(place, "Content-Length: 1000000"));
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(limited.arrived).toEqual([]);
    await limited.close();
  });

  it("is refused in chunks, and the service never sees a whole request", async () => {
    const limited = await serveGateway(small);
    const chunks = Array.from({ length: 10 }, () => `186a0\r\n${megabyte.slice(0, 100_000)}\r\n`);
    const received = await limited.raw(head(place, chunked), ...chunks, "0\r\n\r\n");
    expect(received).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect(limited.arrived).toEqual([]);
    await limited.close();
  });
});

function namesOf(arrived: ServedGateway["arrived"]): string[] {
  return arrived.flatMap(({ headers }) => headers.map(([name]) => name));
}
