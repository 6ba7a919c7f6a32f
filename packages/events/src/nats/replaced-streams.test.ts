import type { JetStreamManager } from "@nats-io/jetstream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { follow, publishWhenUp, withConnection } from "../../test/nats-client.ts";
import { createNatsServer, hasNatsServer, type NatsServer } from "../../test/nats-server.ts";
import type { EventBus } from "../bus.ts";
import { createNatsBus } from "../nats-bus.ts";

const retentionMs = 60_000;
const noProgram = hasNatsServer() ? "" : " (skipped: no program nats-server)";

describe.skipIf(noProgram !== "")(`a stream that is replaced under its followers${noProgram}`, () => {
  let server: NatsServer;
  let made = 0;
  const buses: EventBus[] = [];

  beforeAll(async () => {
    server = await createNatsServer();
    await server.start();
    await manage(({ streams }) => streams.add({ name: "kept", subjects: ["kept"] })); // a broker of 2.9 that deletes its last stream may fail to make the next one
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });
  afterAll(() => server.remove());

  const manage = <Result>(work: (manager: JetStreamManager) => Promise<Result>) =>
    withConnection({ servers: `127.0.0.1:${server.port}` }, (_, manager) => work(manager));

  function busOn(stream: string): EventBus {
    const bus = createNatsBus({ url: server.url, now: Date.now, retentionMs, onError: () => undefined, stream });
    buses.push(bus);
    return bus;
  }

  /** A bus with three events, followed by one that has seen them. */
  async function start() {
    const stream = `replaced${made++}`;
    const bus = busOn(stream);
    const seen = follow(bus, "a");
    for (const number of [1, 2, 3]) await publishWhenUp(bus, number);
    await expect.poll(seen.data).toEqual([1, 2, 3]);
    return { stream, bus, seen };
  }

  // A broker of 2.9 removes the files of a deleted stream behind its back, at times those of its successor.
  it.each([1, 3, 6])(
    "is followed from its beginning when it was deleted, with %i new events at once",
    { retry: 3 },
    async (count) => {
      const { stream, seen } = await start();
      await manage(async ({ streams }) => {
        const { config } = await streams.info(stream);
        await streams.delete(stream);
        await streams.add(config);
      });
      const other = busOn(stream);
      const numbers = Array.from({ length: count }, (_, index) => 11 + index);
      for (const number of numbers) await publishWhenUp(other, number);
      await expect.poll(seen.data, { timeout: 8_000 }).toEqual([1, 2, 3, ...numbers]);
      await expect.poll(() => seen.states.slice(-2)).toEqual(["down", "live"]);
    },
  );

  it("is followed on when it was emptied: nothing twice, and what comes arrives", async () => {
    const { stream, bus, seen } = await start();
    await manage(({ streams }) => streams.purge(stream));
    await publishWhenUp(bus, 4);
    await expect.poll(seen.data).toEqual([1, 2, 3, 4]);
    const fresh = follow(busOn(stream), "a");
    await fresh.ready;
    await expect.poll(fresh.data).toEqual([4]); // what is gone is told by the numbers in the events
    const resumed = follow(bus, "a", seen.events[0]?.id);
    await resumed.ready;
    expect(resumed.data()).toEqual([4]);
  });

  it("is mended by the next event when somebody led its subjects elsewhere, and followed on", async () => {
    const { stream, bus, seen } = await start();
    await manage(({ streams }) => streams.update(stream, { subjects: [`${stream}.other`] }));
    await publishWhenUp(bus, 4);
    await expect.poll(seen.data, { timeout: 8_000 }).toEqual([1, 2, 3, 4]);
  });
});
