import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Redis } from "ioredis";

/** A Redis of a test's own, on 127.0.0.1, that can be killed, held and started again; it keeps nothing. */
export type RedisServer = {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Keeps its connections, and answers nothing until `resume`. */
  hold(): void;
  resume(): void;
};

/** The Redis or Valkey that tests share with whatever else is on this machine: each takes a prefix of its own. */
export const sharedRedisUrl = "redis://127.0.0.1:6379";

/** Whether one answers there. */
export async function answersRedis(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 1_000 });
  client.on("error", () => undefined); // no is an answer
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Removes every key with this prefix. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  const keys = await client.keys(`${prefix}:*`);
  if (keys.length > 0) await client.del(keys);
  client.disconnect();
}

/** Whether there is a program `redis-server` on this machine. */
export function hasRedisServer(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** Gives a server that is not running yet. */
export async function createRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  return {
    url,
    async start() {
      const settings = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
      child = spawn("redis-server", settings, { stdio: "ignore" });
      for (let tries = 0; !(await answersRedis(url)); tries++) {
        if (tries > 200) throw new Error("redis-server does not start.");
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async kill() {
      if (child === null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      child = null;
    },
    hold: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, hence not on a path
  server.close();
  await once(server, "close");
  return port;
}
