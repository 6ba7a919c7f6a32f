import { createInterface } from "node:readline";

/** What a child can be asked to do. */
export type Commands = Readonly<Record<string, (input: never) => unknown>>;

/** The settings that `startChild` gave. */
export function settings<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? "{}") as Settings; // written by `startChild`
}

/** Answers the parent until it closes the pipe, which ends the process. */
export function answer(commands: Commands): void {
  const all: Commands = { ready: () => null, cpu, gc, memory, ...commands };
  const lines = createInterface(process.stdin);
  lines.on("line", (line) => void reply(line, all));
  lines.on("close", () => process.exit(0));
}

async function reply(line: string, commands: Commands): Promise<void> {
  const { id, command, input } = JSON.parse(line) as { id: number; command: string; input: never }; // by `startChild`
  try {
    const run = commands[command];
    if (run === undefined) throw new Error(`There is no command ${command}.`);
    process.stdout.write(`\u0001${JSON.stringify({ id, result: (await run(input)) ?? null })}\n`);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`\u0001${JSON.stringify({ id, error: text })}\n`);
  }
}

/** CPU time of this process in microseconds, all threads. */
export function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

type Collectors = { gc?: () => void; Bun?: { gc(force: boolean): void } };

/** Collects garbage, thoroughly. */
export function gc(): void {
  const { gc: collect, Bun } = globalThis as Collectors; // there on Node with --expose-gc, and on Bun
  for (let pass = 0; pass < 3; pass += 1) {
    collect?.();
    Bun?.gc(true);
  }
}

/** Bytes after collections, until another one frees nothing: what finalizers and other threads let go of takes a while. */
export async function memory(): Promise<{ heap: number; resident: number }> {
  let heap = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < 20; pass += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { heapUsed, external } = process.memoryUsage();
    const used = heapUsed + ("Bun" in globalThis ? 0 : external);
    if (pass > 4 && used > heap - 50_000) break;
    heap = Math.min(heap, used);
  }
  return { heap, resident: process.memoryUsage().rss };
}
