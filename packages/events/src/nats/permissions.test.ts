import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { JetStreamManager } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { follow, publishWhenUp, withConnection } from "../../test/nats-client.ts";
import { createNatsServer, hasNatsServer, type NatsServer } from "../../test/nats-server.ts";
import type { EventBus } from "../bus.ts";
import type { BusError } from "../bus-error.ts";
import { createNatsBus } from "../nats-bus.ts";

const retentionMs = 60_000;
const noProgram = hasNatsServer() ? "" : " (skipped: no program nats-server)";
const passwords = { auth: "auth-password", service: "service-password", root: "root-password" };
type User = keyof typeof passwords;

/** The file that compose and the guide have, with the folders that it expects around it. */
describe.skipIf(noProgram !== "")(`the users of ops/nats/nats.conf${noProgram}`, () => {
  let folder: string;
  let server: NatsServer;
  let errors: BusError[];
  const buses: EventBus[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "countersign-nats-users-"));
    const config = path.join(folder, "etc", "nats", "nats.conf");
    await mkdir(path.dirname(config), { recursive: true });
    await mkdir(path.join(folder, "run", "secrets"), { recursive: true });
    await copyFile("ops/nats/nats.conf", config);
    const lines = Object.entries(passwords).map(
      ([user, password]) => `${user.toUpperCase()}_PASSWORD: "${password}"\n`,
    );
    await writeFile(path.join(folder, "run", "secrets", "nats_passwords"), lines.slice(0, 2).join(""));
    server = await createNatsServer({ configFile: config });
    await server.start();
  });
  beforeEach(() => {
    errors = [];
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });
  afterAll(async () => {
    await server.remove();
    await rm(folder, { recursive: true });
  });

  function busOf(user: User, options: { retentionMs?: number } = {}): EventBus {
    const url = `nats://${user}:${passwords[user]}@127.0.0.1:${server.port}`;
    const onError = (error: BusError) => void errors.push(error);
    const bus = createNatsBus({ url, now: Date.now, retentionMs, onError, ...options });
    buses.push(bus);
    return bus;
  }

  /** Something done by a user with a client of their own, who knows how to ask and not only how the bus asks. */
  function as<Result>(user: User, work: (manager: JetStreamManager, connection: NatsConnection) => Promise<Result>) {
    const options = { user, pass: passwords[user], inboxPrefix: `_INBOX.${user}` };
    return withConnection({ servers: `127.0.0.1:${server.port}`, ...options }, (connection, manager) =>
      work(manager, connection),
    );
  }

  it("let a service wait for auth, which makes the stream", async () => {
    const service = busOf("service");
    const seen = follow(service, "revocations");
    await expect
      .poll(() => errors.map(({ cause }) => String(cause)))
      .toEqual(['Error: The stream "countersign" is missing, and this user may not make it: auth\'s user makes it.']);
    await publishWhenUp(busOf("auth"), 1, "revocations");
    await expect.poll(seen.data, { timeout: 8_000 }).toEqual([1]);
    expect(seen.states).toEqual(["down", "live"]);
  });

  it("let services report denials and follow revocations, and auth do both", async () => {
    const [auth, service] = [busOf("auth"), busOf("service")];
    const [revocations, own, denials] = [
      follow(service, "revocations"),
      follow(auth, "revocations"),
      follow(auth, "denials"),
    ];
    await publishWhenUp(service, 10, "denials");
    await publishWhenUp(auth, 2, "revocations");
    await expect.poll(denials.data).toEqual([10]);
    await expect.poll(revocations.data).toEqual([1, 2]);
    await expect.poll(own.data).toEqual([1, 2]);
    const resumed = follow(service, "revocations", revocations.events[0]?.id);
    await resumed.ready;
    expect(resumed.data()).toEqual([2]);
    expect(errors).toEqual([]);
  });

  const attacks: [string, (manager: JetStreamManager, connection: NatsConnection) => Promise<unknown>][] = [
    ["publish a revocation", (manager) => manager.jetstream().publish("countersign.revocations", "{}")],
    ["empty the stream", ({ streams }) => streams.purge("countersign")],
    ["delete the stream", ({ streams }) => streams.delete("countersign")],
    ["change the stream", ({ streams }) => streams.update("countersign", { max_msgs: 1 })],
    ["delete one event", ({ streams }) => streams.deleteMessage("countersign", 1)],
    ["make a stream that takes events", ({ streams }) => streams.add({ name: "mine", subjects: ["countersign.>"] })],
    ["read a denial", ({ streams }) => streams.getMessage("countersign", { last_by_subj: "countersign.denials" })],
    [
      "follow denials",
      ({ consumers }) => consumers.add("countersign", { name: "c", filter_subject: "countersign.denials" }),
    ],
    ["follow all", ({ consumers }) => consumers.add("countersign", { name: "c" })],
    ["see who follows", async ({ consumers }) => consumers.list("countersign").next()],
    ["listen to denials", (_, connection) => listen(connection, "countersign.denials")],
    ["listen to the answers to auth", (_, connection) => listen(connection, "_INBOX.auth.>")],
    ["remove events by a header", (manager) => publishWith(manager, "Nats-Rollup", "all")],
  ];

  it.each(attacks)("do not let a service %s", async (_, attack) => {
    const before = await stateOf();
    await expect(as("service", attack)).rejects.toThrow(/Permissions Violation|not permitted/i);
    expect(await stateOf()).toEqual(before);
  });

  it.each([
    ["purge", "$JS.API.STREAM.PURGE.countersign"],
    ["delete", "$JS.API.STREAM.DELETE.countersign"],
  ])("do not let a service have the broker %s the stream by where its answers go", async (_, subject) => {
    const before = await stateOf();
    await as("service", async ({ consumers }, connection) => {
      const filter = "countersign.revocations";
      const name = `pull-${_}`;
      await consumers.add("countersign", { name, filter_subject: filter, inactive_threshold: 2e9 });
      connection.publish(`$JS.API.CONSUMER.MSG.NEXT.countersign.${name}`, '{"batch":1}', { reply: subject });
      connection.publish("$JS.API.STREAM.INFO.countersign", "", { reply: subject });
      const pushed = { name: `push-${_}`, filter_subject: filter, deliver_subject: subject, inactive_threshold: 2e9 };
      const body = JSON.stringify({ stream_name: "countersign", config: { ...pushed, ack_policy: "none" } });
      await connection.request(`$JS.API.CONSUMER.CREATE.countersign.push-${_}.${filter}`, body);
      await connection.flush();
    });
    expect(await stateOf()).toEqual(before);
  });

  it.each([
    ["empty", ({ streams }: JetStreamManager) => streams.purge("countersign")],
    ["delete", ({ streams }: JetStreamManager) => streams.delete("countersign")],
  ])("do not let auth %s the stream", async (_, attack) => {
    await expect(as<unknown>("auth", attack)).rejects.toThrow(/Permissions Violation/);
  });

  it("tell a service that may not mend the stream, which auth then mends", async () => {
    await as("auth", ({ streams }) => streams.update("countersign", { max_msgs: 3 }));
    const service = busOf("service");
    const seen = follow(service, "revocations");
    await expect
      .poll(() => errors.map(({ code, message }) => `${code}: ${message}`))
      .toEqual([
        'misconfigured: The stream "countersign" has max_msgs 3 where the bus needs unlimited: this user may not update it. Start auth, whose user may.',
      ]);
    await publishWhenUp(busOf("auth"), 4, "revocations");
    await expect.poll(seen.data, { timeout: 8_000 }).toContain(4);
  });

  it("tell who has the wrong password, once", async () => {
    const url = `nats://service:wrong@127.0.0.1:${server.port}`;
    const bus = createNatsBus({ url, now: Date.now, retentionMs, onError: (error) => void errors.push(error) });
    buses.push(bus);
    const seen = follow(bus, "revocations");
    await expect.poll(() => seen.states).toEqual(["down"]);
    await new Promise((resolve) => setTimeout(resolve, 400)); // the bus tries again meanwhile
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/refuses the user, password/)]);
  });

  async function stateOf() {
    const { config, state } = await as("auth", ({ streams }) => streams.info("countersign"));
    return { config, messages: state.messages, last: state.last_seq, deleted: state.num_deleted };
  }
});

async function listen(connection: NatsConnection, subject: string): Promise<void> {
  const subscription = connection.subscribe(subject, { max: 1 });
  await connection.flush();
  for await (const _ of subscription) return;
}

async function publishWith(manager: JetStreamManager, name: string, value: string): Promise<void> {
  const given = headers();
  given.set(name, value);
  await manager.jetstream().publish("countersign.denials", "{}", { headers: given });
}
