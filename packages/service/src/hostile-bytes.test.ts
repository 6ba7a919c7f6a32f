import { connect } from "node:net";
import { protectedProcedure, publicProcedure, router } from "@countersign/context";
import { createTestChassis, createTestIssuer } from "@countersign/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createServiceApp } from "./create-service-app.ts";
import { type Served, serve } from "./serve.ts";

/** What ran, in order: by path and by whom. */
let ran: string[] = [];
const ordersRouter = router({
  list: publicProcedure.query(() => void ran.push("list")),
  me: protectedProcedure.query(({ ctx }) => void ran.push(`me ${ctx.user.id}`)),
  place: publicProcedure.mutation(() => void ran.push("place")),
});

let served: Served;
let token: string;
let other: string;

beforeAll(async () => {
  const issuer = await createTestIssuer();
  token = await issuer.userToken({ id: "user-a" });
  other = await issuer.userToken({ id: "user-b" });
  const chassis = createTestChassis("orders", { issuer });
  await chassis.feed.ready;
  const app = createServiceApp(chassis, ordersRouter, { maxBodyBytes: 1_000 });
  served = await serve(app.fetch, { port: 0, hostname: "127.0.0.1", drainMs: 200 });
});
afterAll(() => served.stop());
beforeEach(() => {
  ran = [];
});

/** Writes bytes as they are; gives all that comes back until the end, or until half a second of silence. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(served.port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  const ended = new Promise<void>((resolve) => {
    socket.setTimeout(500, resolve);
    socket.on("close", () => resolve());
    socket.on("error", () => resolve()); // a reset is a refusal
  });
  socket.write(bytes, "latin1");
  await ended;
  socket.destroy();
  return received;
}

function head(line: string, ...headers: string[]): string {
  return `${[`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
}

const chunked = "Transfer-Encoding: chunked";
const json = "Content-Type: application/json";
const smuggled = "GET /trpc/list HTTP/1.1\r\nHost: localhost\r\n\r\n";
const place = (...headers: string[]) => head("POST /trpc/place", json, ...headers);

const coded = (...headers: string[]) => `${place(...headers)}2\r\n{}\r\n0\r\n\r\n`;

describe("bytes at a service that is reached directly", () => {
  it.each([
    ["Content-Length and chunked (CL.TE)", () => `${place("Content-Length: 6", chunked)}0\r\n\r\n${smuggled}`],
    [
      "chunked and Content-Length (TE.CL)",
      () => `${place(chunked, "Content-Length: 4")}5c\r\n${smuggled}\r\n0\r\n\r\n`,
    ],
    ["an unknown Transfer-Encoding", () => `${place("Transfer-Encoding: xchunked")}0\r\n\r\n${smuggled}`],
    ["a compressed body in chunks", () => coded("Transfer-Encoding: gzip, chunked")],
    ["a compressed body in chunks, by two headers", () => coded("Transfer-Encoding: gzip", chunked)],
    ["an empty coding before chunked", () => coded("Transfer-Encoding: ,chunked")],
    ["an empty coding after chunked", () => coded("Transfer-Encoding: chunked,")],
    ["a coding of the same sound", () => coded("Transfer-Encoding: identity, chunked")],
    ["chunked with a parameter", () => coded("Transfer-Encoding: chunked;a=b")],
    ["chunked in quotes", () => coded('Transfer-Encoding: "chunked"')],
    ["chunked twice", () => coded(chunked, chunked)],
    ["chunked and then another coding", () => coded("Transfer-Encoding: chunked, gzip")],
    ["chunks of HTTP/1.0", () => coded(chunked).replace("HTTP/1.1", "HTTP/1.0")],
    ["an empty Transfer-Encoding", () => coded("Transfer-Encoding:")],
    ["a space before the colon", () => `${place("Transfer-Encoding : chunked")}0\r\n\r\n${smuggled}`],
    ["two lengths", () => `${place("Content-Length: 2", "Content-Length: 3")}{}x`],
    ["a length with a sign", () => `${place("Content-Length: +2")}{}`],
    ["a folded header (obs-fold)", () => head("GET /trpc/list", "X-A: 1", " X-B: 2")],
    ["a bare CR in a value", () => head("GET /trpc/list", "X-A: 1\rX-B: 2")],
    ["a null byte in a value", () => head("GET /trpc/list", "X-A: 1\0")],
    ["lines that end in LF alone", () => "GET /trpc/list HTTP/1.1\nHost: localhost\n\n"],
    ["two Host headers", () => head("GET /trpc/list", "Host: evil.example")],
    ["no Host header", () => "GET /trpc/list HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["headers above 16 KiB", () => head("GET /trpc/list", `X-Filler: ${"a".repeat(20_000)}`)],
    ["HTTP/2 without being asked", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["an announced body above the limit", () => `${place("Content-Length: 2000")}${" ".repeat(2_000)}`],
    ["a body in chunks above the limit", () => `${place(chunked)}7d0\r\n${" ".repeat(2_000)}\r\n0\r\n\r\n`],
    ["two Authorization headers", () => auth(token, other)],
    ["two equal Authorization headers", () => auth(token, token)],
    ["a token and an empty header", () => head("GET /trpc/me", `Authorization: Bearer ${token}`, "Authorization:")],
    ["a folded Authorization header", () => head("GET /trpc/me", "Authorization: Bearer", ` ${token}`)],
    ["a token in another scheme", () => head("GET /trpc/me", `Authorization: Basic ${token}`)],
    ["a token in a cookie, which is the gateway's to read", () => head("GET /trpc/me", `Cookie: auth_token=${token}`)],
    [
      "headers that claim an identity",
      () => head("GET /trpc/me", "X-User-Id: admin", "x_user_id: admin", "X-User-Roles: admin"),
    ],
    ["an alias of a guarded procedure: an encoded letter", () => head("GET /trpc/m%65")],
    ["an alias of a guarded procedure: a trailing slash", () => head("GET /trpc/me/")],
    ["an alias of a guarded procedure: a doubled slash", () => head("GET /trpc//me")],
    ["an alias of a guarded procedure: a semicolon", () => head("GET /trpc/..;/me")],
    ["an alias of a guarded procedure: another case", () => head("GET /trpc/ME")],
    ["an alias of a guarded procedure: an encoded comma", () => head("GET /trpc/me%2Cme?batch=1")],
    ["an alias of a guarded procedure: an absolute target", () => head("GET http://evil.example/trpc/me")],
  ])("run no procedure: %s", async (_what, bytes) => {
    const received = await raw(bytes());
    const statuses = [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
    expect([ran, statuses.filter((status) => status < 400 || status === 500)]).toEqual([[], []]);
    expect(received).not.toMatch(/at file:|node_modules/);
  });

  it("end their connection with a body in an unknown coding: nothing behind it is a request", async () => {
    const kept = coded("Transfer-Encoding: gzip, chunked").replace("Connection: close\r\n", "");
    const received = await raw(kept + smuggled);
    expect([received.match(/^HTTP\/1\.1 \d{3}/gm), ran]).toEqual([[expect.stringMatching(/501|400/)], []]);
    expect(received.toLowerCase()).toContain("connection: close");
  });

  it("run one procedure as one user where they are in order", async () => {
    await raw(head("GET /trpc/me", `Authorization: Bearer ${token}`));
    await raw(`${place("Content-Length: 2")}{}`);
    expect(ran).toEqual(["me user-a", "place"]);
  });
});

function auth(first: string, second: string): string {
  return head("GET /trpc/me", `Authorization: Bearer ${first}`, `Authorization: Bearer ${second}`);
}
