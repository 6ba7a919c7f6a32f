import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What a server or a measurement runs on. */
export type Runtime = "node" | "bun";

/** A process under measurement, asked over its standard input and output so that asking costs it next to nothing. */
export type Child = {
  /** Has it do one of its commands. */
  call<Answer>(command: string, input?: unknown): Promise<Answer>;
  /** The CPU time that it has used since it began, all threads, user and system; microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
};

type Reply = { readonly id: number; readonly result?: unknown; readonly error?: string };
type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

/** Starts `bench/src/servers/<name>.ts` on a runtime; its settings go along as JSON. */
export async function startChild(runtime: Runtime, name: string, settings: object = {}): Promise<Child> {
  const entry = fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));
  const command = runtime === "node" ? process.execPath : "bun";
  const flags = runtime === "node" ? ["--expose-gc"] : [];
  const process_ = spawn(command, [...flags, entry, JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const waiting = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => {
    process_.on("close", (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`${name} on ${runtime} ended with ${code}.`));
      resolve();
    });
  });
  createInterface(process_.stdout).on("line", (line) => {
    if (!line.startsWith("\u0001")) return void process.stderr.write(`${name}: ${line}\n`);
    const reply = JSON.parse(line.slice(1)) as Reply; // written by `answer`
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) caller?.resolve(reply.result);
    else caller?.reject(new Error(`${name} on ${runtime}: ${reply.error}`));
  });

  let last = 0;
  function call<Answer>(command_: string, input: unknown = null): Promise<Answer> {
    last += 1;
    const id = last;
    return new Promise<Answer>((resolve, reject) => {
      waiting.set(id, { resolve: (value) => resolve(value as Answer), reject }); // as the command says
      process_.stdin.write(`${JSON.stringify({ id, command: command_, input })}\n`);
    });
  }
  const child: Child = {
    call,
    cpu: () => call<number>("cpu"),
    async stop() {
      process_.stdin.end();
      const timer = setTimeout(() => process_.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
  await child.call("ready");
  return child;
}
