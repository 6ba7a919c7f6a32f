import { createServer, type ServerResponse } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { createTestIssuer } from "../test/fixtures.ts";
import { fetchKeySet } from "./fetch-key-set.ts";

const issuer = await createTestIssuer("EdDSA");
const body = JSON.stringify({ keys: [issuer.publicJwk] });
const asked: string[] = [];

const answers: Record<string, (response: ServerResponse) => void> = {
  "/keys": (response) => response.end(body),
  "/redirect": (response) => response.writeHead(302, { location: "/keys" }).end(),
  "/permanent": (response) => response.writeHead(308, { location: "/keys" }).end(),
  "/huge": (response) => flood(response),
  "/boast": (response) => response.writeHead(200, { "content-length": 5 }).end("{}   "),
  "/silent": () => undefined,
  "/drip": (response) => response.write(body.slice(0, 10)),
  "/cut": (response) => response.write(body.slice(0, 10), () => response.destroy()),
};

const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  answers[request.url ?? ""]?.(response);
});
await new Promise<void>((resolve) => {
  server.listen(0, "127.0.0.1", resolve);
});
const address = server.address();
const origin = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const attempt = (path: string) => fetchKeySet({ url: origin + path, fetch, timeoutMs: 500, maxBytes: 65_536 });

describe("fetchKeySet over the network", () => {
  it("brings the keys", async () => {
    expect([...(await attempt("/keys")).keys()]).toEqual([issuer.key.kid]);
  });

  it.each(["/redirect", "/permanent"])("follows no redirect: %s", async (path) => {
    asked.length = 0;
    await expect(attempt(path)).rejects.toMatchObject({ failure: "redirected" });
    expect(asked).toEqual([path]);
  });

  it.each([
    ["/huge", "too_large"],
    ["/boast", "not_a_key_set"],
    ["/cut", "unreachable"],
  ])("gives up on %s: %s", async (path, failure) => {
    await expect(attempt(path)).rejects.toMatchObject({ failure });
  });

  it.each(["/silent", "/drip"])("waits for %s no longer than it was told to", async (path) => {
    const short = { url: origin + path, fetch, timeoutMs: 50, maxBytes: 65_536 };
    await expect(fetchKeySet(short)).rejects.toMatchObject({ failure: "timed_out" });
  });

  it("tells a port that nobody listens on", async () => {
    await expect(fetchKeySet({ url: "http://127.0.0.1:1/", fetch, timeoutMs: 500, maxBytes: 1 })).rejects.toMatchObject(
      {
        failure: "unreachable",
      },
    );
  });
});

/** Sends for as long as somebody reads. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(16_384, 0x20);
  const send = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", send);
  send();
}
