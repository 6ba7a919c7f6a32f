import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { drive, toBytes } from "../harness/drive.ts";
import { interleave, type Rounds } from "../harness/interleave.ts";
import type { ScratchDatabase } from "../harness/scratch-database.ts";
import { isStamp } from "../servers/capture-statements.ts";

/** What refreshes cost, and what their parts do. */
export type RefreshCosts = {
  /** Microseconds of auth's CPU: `refresh`, `signature`, `statement`, `public call`, `the parts in one call`; round by round. */
  readonly costs: ReadonlyMap<string, readonly number[]>;
  /** Refreshes a second over HTTP, round by round. */
  readonly perSecond: readonly number[];
  /** The same statement a second by pgbench, from as many connections; null when it is not there. */
  readonly pgbench: number | null;
};

const connections = 8;

/** Refreshes on PostgreSQL over HTTP, with the parts measured in the same process in the same rounds. */
export async function measureRefreshes(
  runtime: Runtime,
  plan: Rounds,
  on: { readonly database: ScratchDatabase; readonly algorithm: "RS256" | "ES256" },
): Promise<RefreshCosts> {
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 }; // hashes play no part here
  const { database, algorithm } = on;
  const auth = await startChild(runtime, "auth", { databaseUrl: database.url, algorithm, bus: "in-process", cost });
  try {
    const { auth: port, public: publicPort } = await auth.call<{ auth: number; public: number }>("ports");
    const statement = await auth.call<Rotation>("rotation");
    const users = await auth.call<{ refreshToken: string }[]>("register", connections);
    const tokens = users.map(({ refreshToken }) => refreshToken);
    const perSecond: number[] = [];
    const refresh = async (calls: number) => {
      const before = await auth.cpu();
      const began = performance.now();
      await drive({ port, connections, calls, request: (lane, previous) => nextRefresh(tokens, lane, previous) });
      perSecond.push((calls * 1000) / (performance.now() - began));
      return ((await auth.cpu()) - before) / calls;
    };
    const bytesOf = (path: string, lane: number) =>
      toBytes({ path: `/trpc/${path}`, json: { refreshToken: tokens[0], mode: "bearer", lane } });
    const echo = [bytesOf("echo", 0)];
    const parts = Array.from({ length: connections }, (_, lane) => bytesOf("parts", lane));
    const blocks = [
      { name: "refresh", measure: refresh },
      { name: "signature", measure: (calls: number) => auth.call<number>("sign", calls) },
      { name: "statement", measure: (calls: number) => auth.call<number>("statement", calls) },
      {
        name: "public call",
        measure: (calls: number) => publicCost(auth, { port: publicPort, calls, requests: echo }),
      },
      {
        name: "the parts in one call",
        measure: (calls: number) => publicCost(auth, { port: publicPort, calls, requests: parts }),
      },
    ];
    await refresh(plan.warmUp * 4); // the longest path of all here, and the last to be compiled
    const costs = await interleave(blocks, plan);
    return { costs, perSecond: perSecond.slice(-plan.rounds), pgbench: await runPgbench(database.url, statement) };
  } finally {
    await auth.stop();
  }
}

/** Each connection renews its own session; what it was given last is kept for the next round. */
function nextRefresh(tokens: string[], lane: number, previous: string): Buffer {
  const given = /"refreshToken":"([^"]+)"/.exec(previous)?.[1];
  if (given !== undefined) tokens[lane] = given;
  return toBytes({ path: "/trpc/refresh", json: { refreshToken: tokens[lane], mode: "bearer" } });
}

type PublicLoad = { readonly port: number; readonly calls: number; readonly requests: readonly Buffer[] };

async function publicCost(auth: Child, { port, calls, requests }: PublicLoad): Promise<number> {
  const before = await auth.cpu();
  await drive({ port, connections, calls, request: (lane) => requests[lane % requests.length] ?? "" });
  return ((await auth.cpu()) - before) / calls;
}

/** The statement of a refresh, with the values that it had once, and which of them are the session and its generation. */
type Rotation = { text: string; values: readonly unknown[]; sessionId: string; generation: number };

async function runPgbench(url: string, rotation: Rotation): Promise<number | null> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-bench-"));
  const script = path.join(folder, "rotate.sql");
  await writeFile(script, toScript(rotation));
  try {
    const flags = ["-n", "-M", "prepared", "-c", String(connections), "-j", "2", "-T", "5", "-D", "g=0"];
    const output = await run("pgbench", [...flags, "-f", script, url]);
    return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function toScript({ text, values, sessionId, generation }: Rotation): string {
  const statement = text.replace(/\$(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1];
    if (value === sessionId) return "('00000000-0000-4000-8000-' || lpad(:client_id::text, 12, '0'))::uuid";
    if (isStamp(value)) return "gen_random_uuid()";
    if (value === generation) return ":g";
    if (value === generation + 1) return ":next";
    if (value === null) return "null";
    return typeof value === "number" ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
  });
  return `\\set next :g + 1\n${statement.replaceAll("\n", " ")};\n\\set g :next\n`;
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(output) : reject(new Error(errors))));
  });
}
