import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../test/main-process.ts", import.meta.url));

/** Starts the process, does this to it once it says that it has started, and gives how it ended. */
async function run(way: string, act: (child: ChildProcess) => unknown = () => undefined) {
  const child = spawn(process.execPath, [main, way], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const exited = once(child, "exit");
  const [out, error] = await Promise.all([
    read(child.stdout, (text) => text.includes("started") && act(child)),
    read(child.stderr),
  ]);
  const [status] = await exited;
  return { status, out, error };
}

async function read(stream: Readable | null, act: (text: string) => unknown = () => undefined): Promise<string> {
  let text = "";
  for await (const chunk of stream ?? []) {
    text += String(chunk);
    act(String(chunk));
  }
  return text;
}

const ended = "closed last\nclosed first\n";

describe.concurrent("the process of a main.ts", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends in order on %s", async (signal) => {
    const ending = await run("ready", (child) => child.kill(signal));
    expect(ending).toEqual({ status: 0, out: `started\n${ended}`, error: "" });
  });

  it("ends in order when the process that started it is gone", async () => {
    const ending = await run("ready", (child) => child.disconnect());
    expect(ending).toEqual({ status: 0, out: `started\n${ended}`, error: "" });
  });

  it("ends in order in the middle of a start", async () => {
    const ending = await run("slow", (child) => child.kill("SIGTERM"));
    expect(ending).toEqual({ status: 0, out: `started\n${ended}`, error: "" });
  });

  it("says in one sentence what an operator can mend, and closes what was open", async () => {
    expect(await run("refused")).toEqual({ status: 1, out: ended, error: "PORT: is taken.\n" });
  });
});
