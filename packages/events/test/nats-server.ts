import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** What a broker is started with. */
export type NatsServerOptions = {
  /** The text of its configuration file, or the path of one that is there. */
  readonly config?: string | undefined;
  readonly configFile?: string | undefined;
  /** False for a broker without JetStream. */
  readonly jetstream?: boolean;
};

/** A broker of a test's own, on 127.0.0.1, that can be killed and started again on the same store. */
export type NatsServer = {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  kill(): Promise<void>;
  forget(): Promise<void>;
  remove(): Promise<void>;
};

/** Whether there is a program `nats-server` on this machine. */
export function hasNatsServer(): boolean {
  return spawnSync("nats-server", ["--version"]).status === 0;
}

/** Whether a broker greets at a port of 127.0.0.1. */
export async function answersNats(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const greeting = await once(socket, "data").catch(() => null); // refused
  socket.destroy();
  return greeting !== null;
}

/** Gives a broker that is not running yet. */
export async function createNatsServer({
  config,
  configFile,
  jetstream = true,
}: NatsServerOptions = {}): Promise<NatsServer> {
  const store = await mkdtemp(path.join(tmpdir(), "countersign-nats-"));
  const port = await freePort();
  const files = config === undefined ? configFile : `${store}.conf`;
  if (config !== undefined) await writeFile(`${store}.conf`, config);
  const args = ["-a", "127.0.0.1", "-p", String(port)];
  if (jetstream) args.push("-js", "-sd", store);
  if (files !== undefined) args.push("-c", files);
  let child: ChildProcess | null = null;

  async function kill(): Promise<void> {
    if (child === null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    child = null;
  }

  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    async start() {
      child = spawn("nats-server", args, { stdio: "ignore" });
      for (let tries = 0; !(await answersNats(port)); tries++) {
        if (tries > 200) throw new Error("nats-server does not start.");
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    kill,
    forget: () => rm(store, { recursive: true, force: true }),
    async remove() {
      await kill();
      await rm(store, { recursive: true, force: true });
      await rm(`${store}.conf`, { force: true });
    },
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
