import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { localOrigins } from "@countersign/service";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describePlatform } from "./print-table.ts";

const server = createServer((request, response) => {
  response.statusCode = request.url === "/health/ready" ? 503 : 200;
  response.end();
});
let own = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const nowhere = "http://127.0.0.1:1";

it("asks each process where it listens, never the public URL, and has a cell for one that does not answer", async () => {
  const origins = { ...localOrigins(), gateway: own, auth: own, products: nowhere, orders: own, inventory: own };
  const url = "https://shop.example.invalid";
  const text = await describePlatform({ url, origins, demo: true, demoProvider: true });
  expect(text).toMatch(/^gateway +https:\/\/shop\.example\.invalid +ready$/m);
  expect(text).toMatch(/^auth +http:\S+ +not ready$/m);
  expect(text).toMatch(/^products +http:\S+ +does not answer$/m);
  const local = own.replace("127.0.0.1", "localhost");
  expect(text).toContain(`listens on ${local}; PUBLIC_URL has to lead there`);
  expect(text).toContain(`curl -s ${local}/auth/login`);
});
