import { beforeAll, describe, expect, it } from "vitest";
import { startHostileProvider } from "../../test/hostile-provider.ts";
import { createProviderFetch } from "./provider-fetch.ts";
import { isPublicAddress } from "./public-address.ts";

let server: Awaited<ReturnType<typeof startHostileProvider>>;
beforeAll(async () => {
  server = await startHostileProvider();
  return () => server.stop();
});

const options = { headers: {}, method: "GET", body: undefined, redirect: "manual" } as const;
const inDevelopment = createProviderFetch({ development: true, networks: [] });
const inProduction = createProviderFetch({ development: false, networks: ["10.1.0.0/16"] });

describe("a fetch for providers", () => {
  it.each([
    ["http elsewhere", "http://198.51.100.1/"],
    ["http by a name that only begins like this machine", "http://localhost.example/"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:application/json,{}"],
  ])("does not go to %s, in development either", async (_what, address) => {
    await expect(inDevelopment(address, options)).rejects.toMatchObject({ code: "misconfigured", detail: "not_https" });
  });

  it.each([
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://10.0.0.1/",
    "https://0x0a000001/",
    "https://169.254.169.254/latest/meta-data",
    "https://192.168.1.1/",
    "https://[fd00::1]/",
    "https://[64:ff9b::a00:1]/",
    "https://0.0.0.0/",
  ])("does not go to %s in production", async (address) => {
    const expected = { code: "misconfigured", detail: "private_address" };
    await expect(inProduction(address, options)).rejects.toMatchObject(expected);
  });

  it("speaks no http in production, with this machine either", async () => {
    await expect(inProduction(server.origin, options)).rejects.toMatchObject({ detail: "not_https" });
    expect(server.seen).toEqual([]);
  });

  it("follows no redirect", async () => {
    server.routes.set("/redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end());
    expect((await inDevelopment(`${server.origin}/redirect`, options)).status).toBe(302);
    expect(server.seen).not.toContain("/elsewhere");
  });

  it("reads no more than half a megabyte, and stops the rest", async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    server.routes.set("/endless", (response) => {
      const more = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => {
        clearInterval(more);
        resolve();
      });
    });
    await expect(inDevelopment(`${server.origin}/endless`, options)).rejects.toMatchObject({ detail: "too_large" });
    await closed;
  });

  it("gives up a provider whose body never ends as late", async () => {
    server.routes.set("/slow", (response) => response.write("{"));
    const signal = AbortSignal.timeout(100); // in place of our own five seconds
    const late = inDevelopment(`${server.origin}/slow`, { ...options, signal });
    await expect(late).rejects.toMatchObject({ code: "unavailable", detail: "late" });
  });

  it.each([500, 503, 429])("takes %s for a provider that is down", async (status) => {
    server.routes.set(`/${status}`, (response) => response.writeHead(status).end("{}"));
    await expect(inDevelopment(`${server.origin}/${status}`, options)).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("tells addresses of the public internet from others", () => {
  const others = [
    "10.1.2.3",
    "172.31.0.1",
    "100.64.0.1",
    "::",
    "fe80::1%eth0",
    "2001:db8::1",
    "ff02::1",
    "2002:a00:1::1",
    "x",
  ];
  expect(others.filter(isPublicAddress)).toEqual([]);
  const open = ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"];
  expect(open.filter((address) => !isPublicAddress(address))).toEqual([]);
});
