import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLog } from "@countersign/testing";
import type { DoorNames } from "../src/run/open-doors.ts";
import type { PlatformOptions } from "../src/run/shared.ts";
import { type Platform, startPlatform } from "../src/run/start-platform.ts";

/** A folder that is removed again. */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The whole platform in this process, on free ports and a folder of its own; `stop` removes the folder too. */
export async function startTestPlatform(changes: Partial<PlatformOptions> = {}): Promise<Platform> {
  const { folder, remove } = await temporaryFolder();
  const platform = await startPlatform({
    dataDir: folder,
    secrets: [randomBytes(32)],
    algorithm: "ES256",
    seed: true,
    hostname: "127.0.0.1",
    portOf: () => 0,
    log: () => silentLog,
    ...changes,
  });
  const stop = async () => {
    await platform.stop();
    await remove();
  };
  return { ...platform, stop };
}

/** Ports that were free a moment ago, one for each name; for processes that must be told theirs. */
export async function freePorts(names: readonly DoorNames[]): Promise<(name: DoorNames) => number> {
  const servers = await Promise.all(names.map(() => listen()));
  const ports = new Map(names.map((name, index) => [name, portOf(servers[index])]));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return (name) => ports.get(name) ?? 0;
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
