import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNatsBus } from "../packages/events/src/index.ts";
import { createNatsServer, hasNatsServer } from "../packages/events/test/nats-server.ts";
import { hasRedisServer } from "../packages/service/test/redis-server.ts";

describe("npm run secrets", () => {
  const compose = readFileSync("docker-compose.yml", "utf8");
  let folder: string;
  const at = (name: string) => path.join(folder, "run", "secrets", name);
  const read = (name: string) => readFileSync(at(name), "utf8").trim();

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "countersign-secrets-"));
    mkdirSync(path.join(folder, "run"));
    mkdirSync(path.join(folder, "etc", "nats"), { recursive: true });
    copyFileSync("ops/nats/nats.conf", path.join(folder, "etc", "nats", "nats.conf"));
    makeSecrets();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** As the command does it, in a folder of this test's. */
  function makeSecrets(): void {
    const cwd = path.join(folder, "run");
    const { status, stderr } = spawnSync(process.execPath, [path.resolve("scripts/secrets.ts")], {
      cwd,
      encoding: "utf8",
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  }

  it("writes every secret that docker-compose.yml has, and no other, and changes none that is there", () => {
    const [, declared = ""] = compose.split("\nsecrets:\n");
    const named = [...declared.matchAll(/^ {2}(\w+):\n {4}file: \.\/secrets\/(\w+)$/gm)].map(([, name]) => name);
    const written = () => globSync(at("*")).map((file) => [path.basename(file), readFileSync(file, "utf8")]);
    expect(new Set(named)).toEqual(new Set(written().map(([name]) => name)));
    const used = new Set([...compose.matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name));
    expect([...used].filter((name) => !named.includes(name))).toEqual([]);
    const before = written();
    makeSecrets();
    expect(written()).toEqual(before);
  });

  it("leaves no service of docker-compose.yml without a password of its broker or store", () => {
    expect(compose).not.toMatch(/(EVENTS|REDIS|DATABASE)_URL: /);
    const users = [...compose.matchAll(/^ {2}([a-z]+):\n(?: {4}.*\n)*? {6}EVENTS_URL_FILE: .*_url_(\w+)$/gm)];
    const auths = users.filter(([, , user]) => user === "auth").map(([, name]) => name);
    expect(auths).toEqual(["auth"]);
    expect(compose.match(/EVENTS_URL_FILE: \/run\/secrets\/events_url_auth/g)).toHaveLength(1);
    expect(compose).toContain("command: [-c, /etc/nats/nats.conf, ");
    expect(compose).toContain("command: [valkey-server, /run/secrets/valkey_config, ");
  });

  it.skipIf(!hasNatsServer())("names users that NATS knows, and nobody else gets in", async () => {
    const server = await createNatsServer({ configFile: path.join(folder, "etc", "nats", "nats.conf") });
    await server.start();
    const urls = ["auth", "service"].map((user) =>
      read(`events_url_${user}`).replace("nats:4222", `127.0.0.1:${server.port}`),
    );
    const outcomes: string[] = [];
    // auth comes first: it makes the stream
    for (const [index, url] of [...urls, server.url].entries()) {
      const bus = createNatsBus({ url, now: Date.now, retentionMs: 60_000, onError: () => undefined });
      const event = { key: String(index), data: null };
      outcomes.push(await bus.publish("denials", event).then(() => "stored", String));
      await bus.close();
    }
    expect(outcomes).toEqual(["stored", "stored", expect.stringContaining("BusError")]);
    await server.remove();
  });

  it.skipIf(!hasRedisServer())("names the password that Valkey asks for", async () => {
    const socket = path.join(folder, "redis.sock");
    const flags = ["--save", "", "--appendonly", "no", "--port", "0", "--unixsocket", socket];
    const child = spawn("redis-server", [at("valkey_config"), ...flags], { stdio: "ignore" });
    const ask = (password: string) =>
      spawnSync("redis-cli", ["-s", socket, "ping"], {
        encoding: "utf8",
        env: { ...process.env, REDISCLI_AUTH: password },
      });
    const { password } = new URL(read("redis_url"));
    await expect.poll(() => ask(password).stdout.trim()).toBe("PONG");
    expect(ask("").stdout).toContain("NOAUTH");
    child.kill();
  });
});
