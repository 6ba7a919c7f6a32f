import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../test/stopping-server.ts", import.meta.url));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function start(delayMs: number) {
  const child = spawn(process.execPath, [program, String(delayMs)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [port] = await once(child.stdout, "data");
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return { child, url, exit: once(child, "exit") };
}

describe("a process that is told to end", () => {
  it("leaves readiness, takes requests, then drains", async () => {
    const { child, url, exit } = await start(1_500);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/health/ready`)).status, { interval: 10 }).toBe(503);
    const taken = await fetch(`${url}/slow`, { method: "POST", body: "x" });
    expect([taken.status, await taken.text(), taken.headers.get("connection")]).toEqual([200, "whole", "close"]);
    expect(await exit).toEqual([0, null]);
  });

  it("outlives the readers of its output", async () => {
    const { child, url, exit } = await start(0);
    child.stdout.destroy();
    for (let count = 0; count < 20; count += 1) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  it("closes at once where there is no delay, and lets a request in flight end", async () => {
    const { child, url, exit } = await start(0);
    const slow = fetch(`${url}/slow`);
    await setTimeout(80);
    child.kill("SIGINT");
    expect(await (await slow).text()).toBe("whole");
    expect(await exit).toEqual([0, null]);
  });
});
