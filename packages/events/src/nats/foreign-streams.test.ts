import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ForeignSettings, follow, publishWhenUp, withConnection } from "../../test/nats-client.ts";
import { createNatsServer, hasNatsServer, type NatsServer } from "../../test/nats-server.ts";
import type { EventBus } from "../bus.ts";
import type { BusError } from "../bus-error.ts";
import { createNatsBus } from "../nats-bus.ts";

const retentionMs = 60_000;
const minute = 60_000_000_000;
const noProgram = hasNatsServer() ? "" : " (skipped: no program nats-server)";

describe.skipIf(noProgram !== "")(`a stream that others made${noProgram}`, () => {
  let server: NatsServer;
  let made = 0;
  const buses: EventBus[] = [];

  beforeAll(async () => {
    server = await createNatsServer();
    await server.start();
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });
  afterAll(() => server.remove());

  /** A bus on a stream of these settings. */
  async function start(settings: ForeignSettings | null, options: { replicas?: number; checkMs?: number } = {}) {
    const stream = `foreign${made++}`;
    const errors: BusError[] = [];
    if (settings !== null) await make(stream, settings);
    const onError = (error: BusError) => void errors.push(error);
    const bus = createNatsBus({ url: server.url, now: Date.now, retentionMs, onError, stream, ...options });
    buses.push(bus);
    return { stream, errors, bus, reason: () => reasonOf(bus) };
  }

  async function make(stream: string, settings: ForeignSettings): Promise<void> {
    await manage(async ({ streams }) => {
      const subjects = settings.subjects?.map((subject) => subject.replace("$", stream)) ?? [`${stream}.>`];
      await streams.add({ name: stream, max_age: minute, ...settings, ...(settings.mirror ? {} : { subjects }) });
    });
  }

  const manage = <Result>(work: (manager: Parameters<Parameters<typeof withConnection>[1]>[1]) => Promise<Result>) =>
    withConnection({ servers: `127.0.0.1:${server.port}` }, (_, manager) => work(manager));

  const repaired: [string, ForeignSettings][] = [
    ["few bytes, the oldest go", { max_bytes: 2_000 }],
    ["few bytes, the newest are refused", { max_bytes: 2_000, discard: "new" }],
    ["few messages", { max_msgs: 2 }],
    ["one message for each subject", { max_msgs_per_subject: 1 }],
    ["small messages", { max_msg_size: 8 }],
    ["fewer subjects", { subjects: ["$.other"] }],
    ["more subjects", { subjects: ["$.>", "$-more.>"] }],
    ["one word for a topic", { subjects: ["$.*"] }],
    ["a short life", { max_age: minute / 60 }],
    ["a life without end", { max_age: 0 }],
    ["keys forgotten early", { duplicate_window: minute / 60 }],
    ["no answers to publishers", { no_ack: true }],
    ["headers that remove what others wrote", { allow_rollup_hdrs: true }],
  ];

  it.each(repaired)("is brought to the settings of the bus: %s", async (_, settings) => {
    const { stream, bus, errors } = await start(settings);
    const seen = follow(bus, "a.b");
    for (const number of [1, 2, 3, 4]) await publishWhenUp(bus, number, "a.b");
    await expect.poll(seen.data).toEqual([1, 2, 3, 4]);
    await publishWhenUp(bus, 1, "a.b");
    const { config, state } = await manage(({ streams }) => streams.info(stream));
    expect(state.messages).toBe(4);
    expect(config).toMatchObject({ subjects: [`${stream}.>`], max_age: minute, duplicate_window: minute });
    expect(config).toMatchObject({ max_bytes: -1, max_msgs: -1, max_msgs_per_subject: -1, max_msg_size: -1 });
    expect(config).toMatchObject({ discard: "old", allow_rollup_hdrs: false });
    expect(config.no_ack ?? false).toBe(false); // a server of 2.9 leaves it out
    expect(errors).toEqual([]);
  });

  const refused: [string, ForeignSettings, RegExp][] = [
    ["interest", { retention: "interest" }, /has retention "interest" where the bus needs "limits".*nats stream rm/],
    ["a work queue", { retention: "workqueue" }, /has retention "workqueue"/],
    ["memory", { storage: "memory" }, /has storage "memory" where the bus needs "file"/],
    ["few consumers", { max_consumers: 2 }, /has max_consumers 2 where the bus needs unlimited/],
    [
      "a copy of another",
      { mirror: { name: "somewhere" } },
      /has mirror \{"name":"somewhere"\} where the bus needs none/,
    ],
    [
      "copies to elsewhere",
      { republish: { src: ">", dest: "elsewhere.>" } },
      /has republish \{.*where the bus needs none/,
    ],
  ];

  it.each(refused)("is refused for good, with a sentence that says what to do: %s", async (_, settings, sentence) => {
    const { bus, errors, reason } = await start(settings);
    const seen = follow(bus, "a");
    await expect.poll(() => seen.states).toEqual(["down"]);
    expect(await reason()).toMatch(sentence);
    expect(errors.map(({ code }) => code)).toEqual(["misconfigured"]);
    expect(errors[0]?.message).toMatch(sentence);
    expect(seen.states).toEqual(["down"]);
  });

  // A broker of 2.9 removes the files of a deleted stream behind its back, at times those of its successor.
  it("is refused when it is sealed, and taken when it is made anew", { retry: 3 }, async () => {
    const { stream, bus, errors, reason } = await start({});
    const seal: ForeignSettings = { sealed: true };
    await manage(({ streams }) => streams.update(stream, seal));
    const seen = follow(bus, "a");
    await expect.poll(() => seen.states).toEqual(["down"]);
    await new Promise((resolve) => setTimeout(resolve, 400)); // the bus tries again meanwhile, and says nothing new
    expect(await reason()).toMatch(/has sealed true where the bus needs none/);
    await manage(({ streams }) => streams.delete(stream));
    await publishWhenUp(bus, 1);
    await expect.poll(seen.data, { timeout: 5_000 }).toEqual([1]);
    expect(seen.states).toEqual(["down", "live"]);
    expect(errors).toHaveLength(1);
  });

  it("is looked at again while the bus is connected: mended, or refused from then on", async () => {
    const { stream, bus, errors } = await start(null, { checkMs: 50 });
    const seen = follow(bus, "a");
    await publishWhenUp(bus, 1);
    await manage(({ streams }) => streams.update(stream, { max_msgs_per_subject: 1 }));
    const bound = () => manage(({ streams }) => streams.info(stream)).then(({ config }) => config.max_msgs_per_subject);
    await expect.poll(bound).toBe(-1);
    expect(seen.states).toEqual(["live"]);
    const seal: ForeignSettings = { sealed: true };
    await manage(({ streams }) => streams.update(stream, seal));
    await expect.poll(() => seen.states).toEqual(["live", "down"]);
    await expect
      .poll(() => errors.map(({ message }) => message))
      .toContainEqual(expect.stringMatching(/has sealed true/));
  });

  it("is brought back from sources of others", async () => {
    await make("spring", {});
    const { stream, bus } = await start({ sources: [{ name: "spring" }] });
    await publishWhenUp(bus, 1);
    const { config } = await manage(({ streams }) => streams.info(stream));
    expect(config.sources ?? []).toEqual([]);
  });

  it("is refused while another one takes its subjects", async () => {
    const { stream, reason } = await start(null);
    await make("broad", { subjects: [`${stream}.revocations`] });
    expect(await reason()).toMatch(/Another stream takes subjects of "foreign\d+\.>"/);
  });

  it("says that a broker by itself keeps no replicas", async () => {
    const [fresh, existing] = [await start(null, { replicas: 3 }), await start({}, { replicas: 3 })];
    expect(await fresh.reason()).toMatch(/not clustered and keeps no 3 replicas.*EVENTS_REPLICAS/);
    expect(await existing.reason()).toMatch(/not clustered and keeps no 3 replicas.*EVENTS_REPLICAS/);
  });

  it("is refused where the broker runs without JetStream", async () => {
    const plain = await createNatsServer({ jetstream: false });
    await plain.start();
    const bus = createNatsBus({ url: plain.url, now: Date.now, retentionMs, onError: () => undefined });
    buses.push(bus);
    expect(await reasonOf(bus)).toMatch(/runs without JetStream/);
    await plain.remove();
  });
});

/** Why the bus takes no event. */
async function reasonOf(bus: EventBus): Promise<string> {
  const error: unknown = await bus.publish("a", { key: "refused", data: null }).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "unavailable", cause: { code: "misconfigured" } });
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
}
