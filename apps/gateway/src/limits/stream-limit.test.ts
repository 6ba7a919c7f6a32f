import { createMemoryStore } from "@countersign/service";
import { expect, it } from "vitest";
import { createTestGateway } from "../../test/harness.ts";

const events = () =>
  new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(": hello\n\n")) }),
    {
      headers: { "content-type": "text/event-stream" },
    },
  );

it("one address has so many streams open through the gateway, until it lets go of one", async () => {
  const streams = { perUser: 100, perAddress: 3 };
  const gateway = createTestGateway({
    answer: events,
    limits: { store: createMemoryStore(), sizes: new Map(), streams },
  });
  const open = (peer: string) => gateway.request("/trpc/orders/watch", { peer });
  const some = [await open("192.0.2.1"), await open("192.0.2.1"), await open("192.0.2.1")];
  expect(some.map(({ status }) => status)).toEqual([200, 200, 200]);
  const refused = await open("192.0.2.1");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
  expect(await refused.json()).toMatchObject({ error: { data: { code: "TOO_MANY_REQUESTS" } } });
  expect((await open("192.0.2.2")).status).toBe(200);
  await some[0]?.body?.cancel();
  expect((await open("192.0.2.1")).status).toBe(200);
});
