import { expect, it, vi } from "vitest";
import { CircuitOpenError, createCircuits } from "./circuits.ts";
import { guardFetch } from "./guard-fetch.ts";

const open = (answer: () => Promise<Response>) => {
  const fetch = vi.fn<() => Promise<Response>>(answer);
  return { fetch, guarded: guardFetch(createCircuits(), "auth", fetch) };
};

it.each([
  ["does not answer", () => Promise.reject(new TypeError("fetch failed"))],
  ["answers that it cannot", async () => new Response("no", { status: 503 })],
])("a server that %s is left alone after five times", async (_name, answer) => {
  const { fetch, guarded } = open(answer);
  for (let asked = 0; asked < 5; asked += 1) await guarded("http://auth.test").catch(() => null);
  await expect(guarded("http://auth.test")).rejects.toThrow(CircuitOpenError);
  expect(fetch).toHaveBeenCalledTimes(5);
});

it("gives its answers as they are, and a refusal is one", async () => {
  const { guarded } = open(async () => new Response("invalid_client", { status: 401 }));
  for (let asked = 0; asked < 10; asked += 1) expect((await guarded("http://auth.test")).status).toBe(401);
  const failed = open(async () => new Response("sorry", { status: 500 }));
  expect(await (await failed.guarded("http://auth.test")).text()).toBe("sorry");
});
