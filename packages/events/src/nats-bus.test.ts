import { randomBytes } from "node:crypto";
import { createCable } from "@countersign/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { answersNats, createNatsServer, hasNatsServer, type NatsServer } from "../test/nats-server.ts";
import type { BusEvent, EventBus } from "./bus.ts";
import type { BusError } from "./bus-error.ts";
import { runBusContract } from "./contract.ts";
import { createNatsBus } from "./nats-bus.ts";

const shared = await answersNats(4222);
const own = !shared && hasNatsServer() ? await createNatsServer() : null;
await own?.start();
const port = own?.port ?? 4222;
const url = `nats://127.0.0.1:${port}`;
const retentionMs = 60_000;
const streamPrefix = "countersign_test_";
const absent = shared || own !== null ? "" : ` (skipped: no NATS on 127.0.0.1:${port}, and no program nats-server)`;
const noProgram = hasNatsServer() ? "" : " (skipped: no program nats-server)";

describe.skipIf(absent !== "")(`createNatsBus${absent}`, () => {
  runBusContract("the driver over NATS JetStream", async () => {
    const stream = uniqueStream();
    const cable = await createCable(port);
    const errors: BusError[] = [];
    const create = (at: string) =>
      createNatsBus({ url: at, now: Date.now, retentionMs, onError: (error) => errors.push(error), stream });
    const bus = create(`nats://127.0.0.1:${cable.port}`);
    const buses = [bus];
    await publishWhenUp(bus, 0, "warm-up"); // a broker of 2.9 that deletes its last stream may fail to make the next one
    return {
      bus,
      errors,
      second: () => {
        buses.push(create(url));
        return buses.at(-1) ?? bus;
      },
      cut: () => cable.cut(),
      mend: () => cable.mend(),
      dispose: async () => {
        await Promise.all(buses.map((one) => one.close()));
        await cable.close();
        await manage((manager) => manager.streams.delete(stream)).catch(() => undefined); // not every test makes it
      },
    };
  });

  afterAll(async () => {
    if (own !== null) return await own.remove();
    const anHourAgo = Date.now() - 60 * 60 * 1000;
    await manage(async (manager) => {
      for await (const { config, created } of manager.streams.list()) {
        const left = config.name.startsWith(streamPrefix) && Date.parse(created) < anHourAgo;
        if (left) await manager.streams.delete(config.name); // by a run that was killed
      }
    });
  });

  it("forgets events and their keys after the retention", async () => {
    const stream = uniqueStream();
    const bus = createNatsBus({ url, now: Date.now, retentionMs: 300, onError: () => undefined, stream });
    await publishWhenUp(bus, 0, "warm-up");
    const seen = follow(bus, "a");
    await seen.ready;
    await bus.publish("a", { key: "1", data: "old" });
    const again = () => bus.publish("a", { key: "1", data: "new" }).then(seen.data);
    await expect.poll(again).toEqual(["old", "new"]);
    await expect.poll(() => manage(({ streams }) => streams.info(stream)).then(({ state }) => state.messages)).toBe(0);
    await bus.close();
    await manage((manager) => manager.streams.delete(stream));
  });

  // A broker of 2.9 removes the files of a deleted stream behind its back, at times those of its successor.
  it("makes a stream that was deleted again, and begins anew there", { retry: 3 }, async () => {
    const stream = uniqueStream();
    const bus = createNatsBus({ url, now: Date.now, retentionMs, onError: () => undefined, stream });
    const seen = follow(bus, "a");
    await publishWhenUp(bus, 1);
    await expect.poll(seen.data).toEqual([1]);
    await manage((manager) => manager.streams.delete(stream));
    await publishWhenUp(bus, 1);
    await expect.poll(seen.data, { timeout: 5_000 }).toEqual([1, 1]);
    await bus.close();
    await manage((manager) => manager.streams.delete(stream));
  });

  it("passes over what is no event, and takes a new retention", async () => {
    const stream = uniqueStream();
    const create = (ms: number) =>
      createNatsBus({ url, now: Date.now, retentionMs: ms, onError: () => undefined, stream });
    const first = create(retentionMs);
    await publishWhenUp(first, 1);
    await first.close();
    for (const payload of ["no json", "null", "{}", '{"key":1,"at":2,"data":3}']) {
      await manage((manager) => manager.jetstream().publish(`${stream}.a`, payload));
    }
    const second = create(2 * retentionMs);
    await second.publish("a", { key: "2", data: 2 });
    const seen = follow(second, "a");
    await seen.ready;
    expect(seen.data()).toEqual([1, 2]);
    const { config } = await manage((manager) => manager.streams.info(stream));
    expect(config.max_age).toBe(2 * retentionMs * 1e6);
    await second.close();
    await manage((manager) => manager.streams.delete(stream));
  });
});

describe.skipIf(noProgram !== "")(`a broker that is killed and started again${noProgram}`, () => {
  let server: NatsServer;
  let buses: EventBus[] = [];

  function create(): EventBus {
    const bus = createNatsBus({ url: server.url, now: Date.now, retentionMs, onError: () => undefined });
    buses.push(bus);
    return bus;
  }

  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    buses = [];
    await server.remove();
  });

  it("loses no event and no key, and the subscribers know that it was away", async () => {
    server = await createNatsServer();
    const [publisher, bus] = [create(), create()];
    const seen = follow(bus, "a");
    await expect(publisher.publish("a", { key: "0", data: 0 })).rejects.toMatchObject({ code: "unavailable" });
    await expect.poll(() => seen.states).toEqual(["down"]);

    await server.start();
    await seen.ready;
    await publishWhenUp(publisher, 1);
    await expect.poll(seen.data).toEqual([1]);
    await server.kill();
    await expect.poll(() => seen.states).toEqual(["down", "live", "down"]);
    await expect(publisher.publish("a", { key: "2", data: 2 })).rejects.toMatchObject({ code: "unavailable" });

    await server.start();
    await publishWhenUp(publisher, 1);
    await publishWhenUp(publisher, 2);
    await expect.poll(seen.data, { timeout: 15_000 }).toEqual([1, 2]);
    await expect.poll(() => seen.states).toEqual(["down", "live", "down", "live"]);
    const late = follow(create(), "a");
    await late.ready;
    expect(late.data()).toEqual([1, 2]);
  });

  it("hands over all of a new log when the broker has lost the old one", async () => {
    server = await createNatsServer();
    await server.start();
    const bus = create();
    const seen = follow(bus, "a");
    await publishWhenUp(bus, 1);
    await publishWhenUp(bus, 2);
    await expect.poll(seen.data).toEqual([1, 2]);
    await server.kill();
    await server.forget();
    await server.start();
    const other = create();
    for (const number of [3, 4, 5]) await publishWhenUp(other, number);
    await expect.poll(seen.data, { timeout: 15_000 }).toEqual([1, 2, 3, 4, 5]);
    const resumed = follow(other, "a", seen.events[1]?.id);
    await resumed.ready;
    expect(resumed.data()).toEqual([3, 4, 5]);
  });
});

function uniqueStream(): string {
  return `${streamPrefix}${randomBytes(4).toString("hex")}`;
}

async function manage<Result>(
  work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<Result>,
): Promise<Result> {
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  try {
    return await work(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

/** As an outbox does: again until it is stored. */
async function publishWhenUp(bus: EventBus, number: number, topic = "a"): Promise<void> {
  const publish = () =>
    bus.publish(topic, { key: String(number), data: number }).then(
      () => "stored",
      () => "not yet",
    );
  await expect.poll(publish, { timeout: 15_000 }).toBe("stored");
}

function follow(bus: EventBus, topic: string, after?: string) {
  const events: BusEvent[] = [];
  const states: string[] = [];
  const { ready } = bus.subscribe(topic, {
    ...(after === undefined ? {} : { after }),
    onEvent: (event) => void events.push(event),
    onState: (state) => states.push(state),
  });
  return { events, states, ready, data: () => events.map(({ data }) => data) };
}
