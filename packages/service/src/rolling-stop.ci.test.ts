import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const hasHaproxy = spawnSync("haproxy", ["-v"]).status === 0;
const program = fileURLToPath(new URL("../test/stopping-server.ts", import.meta.url));
const closing: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Replica = { readonly child: ChildProcess; readonly port: number; readonly exit: Promise<unknown[]> };

async function startReplica(delayMs: number): Promise<Replica> {
  const child = spawn(process.execPath, [program, String(delayMs)], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  child.stdout.resume();
  return { child, port: Number(String(line).trim()), exit: once(child, "exit") };
}

/** HAProxy that asks `OPTIONS /health/ready HTTP/1.0` without a Host, twice in half a second, and tries nothing again. */
async function startHaproxy(replicas: readonly Replica[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-haproxy-"));
  const port = 20_000 + (process.pid % 10_000);
  const servers = replicas.map((replica, index) => `  server replica${index} 127.0.0.1:${replica.port}`);
  const configuration = `defaults
  mode http
  retries 0
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend public
  bind 127.0.0.1:${port}
  default_backend replicas
backend replicas
  option httpchk /health/ready
  default-server check inter 250ms fall 2 rise 1
${servers.join("\n")}
`;
  await writeFile(path.join(folder, "haproxy.cfg"), configuration);
  const child = spawn("haproxy", ["-db", "-f", path.join(folder, "haproxy.cfg")], { stdio: "ignore" });
  const exit = once(child, "exit");
  closing.push(async () => {
    child.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(async () => (await fetch(url).catch(() => null))?.status, { timeout: 5_000 }).toBe(200);
  return url;
}

it("a replica that stops behind HAProxy fails no POST", { timeout: 30_000 }, async (context) => {
  if (!hasHaproxy) context.skip("no HAProxy on this machine");
  const [first, second] = [await startReplica(1_500), await startReplica(0)];
  const url = await startHaproxy([first, second]);
  const failures: string[] = [];
  let answered = 0;
  const over = new AbortController();
  async function client(): Promise<void> {
    while (!over.signal.aborted) {
      const outcome = await post().catch(String);
      if (outcome === "200 whole") answered += 1;
      else failures.push(outcome);
    }
  }
  async function post(): Promise<string> {
    const response = await fetch(`${url}/slow`, { method: "POST", body: "order" });
    return `${response.status} ${await response.text()}`;
  }
  const clients = Array.from({ length: 10 }, client);
  await setTimeout(500);
  first.child.kill("SIGTERM");
  expect(await first.exit).toEqual([0, null]);
  await setTimeout(500);
  over.abort();
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(50);
});
