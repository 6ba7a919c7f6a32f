import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePorts } from "../../../apps/platform/test/start-test-platform.ts";
import { type Policy, toEnvironment } from "./program.ts";
import type { Workspace } from "./workspace.ts";

/** What a server's configuration names beside the policy. */
export type Place = { readonly folder: string; readonly port: number; readonly env: Readonly<Record<string, string>> };

/** A folder and a port for one server. */
export async function placeFor(name: string, policy: Policy, workspace: Workspace): Promise<Place> {
  const folder = await workspace.newFolder(name);
  const port = (await freePorts(["gateway"]))("gateway");
  return { folder, port, env: { ...toEnvironment(policy), FOLDER: folder, PORT: String(port) } };
}

/** Writes a configuration of `examples/verifiers/servers` with every `${NAME}` filled in; gives its path. */
export async function fillIn(name: string, place: Place, workspace: Workspace): Promise<string> {
  const template = await readFile(path.join(workspace.sources, "servers", name), "utf8");
  const file = path.join(place.folder, name);
  await writeFile(
    file,
    template.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => place.env[variable] ?? ""),
  );
  return file;
}

export type Server = {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly stop: () => Promise<void>;
};

/** Starts a server in the foreground; `stop` ends it and waits. */
export function startServer(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Server {
  const child = spawn(command, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  ended.catch(() => undefined); // that it cannot be started is seen by who waits for it
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const stop = async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    child.kill();
    await Promise.race([ended, setTimeout(10_000, undefined, { ref: false })]);
    if (child.exitCode === null) child.kill("SIGKILL");
  };
  return { child, output: () => output, stop };
}

/** Waits until something holds of a server; throws with its output when it ends before, or after a minute. */
export async function until(server: Server, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isReady())) {
    if (server.child.exitCode !== null || Date.now() > deadline)
      throw new Error(`It did not start: ${server.output()}`);
    await setTimeout(100);
  }
}
