import type { Answer } from "@countersign/service";
import { expect, it } from "vitest";
import { createTunnelLimit } from "./tunnel-limit.ts";

/** An answer with a WebSocket, and what ends that. */
function joined() {
  const overs: (() => void)[] = [];
  const tunnel: Answer["tunnel"] = {
    server: { send: () => undefined, waiting: () => 0, close: () => undefined, receive: () => undefined },
    head: new Uint8Array(),
    onClose: (over) => void overs.push(over),
    destroy: () => undefined,
  };
  const answer: Answer = { status: 101, headers: new Map(), body: null, tunnel };
  return { open: async () => answer, end: () => overs.forEach((over) => over()) };
}

it("bounds the WebSockets of everybody, until one ends or is not agreed to", async () => {
  const limit = createTunnelLimit({ perAddress: 2, all: 3 });
  const first = joined();
  const refused: Answer = { status: 403, headers: new Map(), body: null };
  for (let count = 0; count < 10; count += 1) await limit("192.0.2.1", async () => refused);
  await expect(limit("192.0.2.1", async () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  await limit("192.0.2.1", first.open);
  await limit("192.0.2.1", joined().open);
  await expect(limit("192.0.2.1", joined().open)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
  await limit("192.0.2.2", joined().open);
  await expect(limit("192.0.2.3", joined().open)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  first.end();
  expect((await limit("192.0.2.3", joined().open)).status).toBe(101);
});
