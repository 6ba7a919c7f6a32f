import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { freePort } from "./free-port.ts";

/** A PgBouncer of a test's own, on 127.0.0.1, in front of the server of a URL. */
export type PgBouncer = { readonly url: string; stop(): Promise<void> };

/** Whether there is a program `pgbouncer` on this machine. */
export function hasPgBouncer(): boolean {
  return spawnSync("pgbouncer", ["--version"]).status === 0;
}

/** Starts one, with four connections to the server at most, so that clients have to share them. */
export async function startPgBouncer(serverUrl: string, mode: "transaction" | "session"): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const port = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-pgbouncer-"));
  const users = path.join(folder, "users.txt");
  const settings = path.join(folder, "pgbouncer.ini");
  await writeFile(users, `"${decodeURIComponent(server.username)}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(
    settings,
    `[databases]\n* = host=${server.hostname} port=${server.port || "5432"}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n` +
      `listen_port = ${port}\nunix_socket_dir =\nauth_type = trust\nauth_file = ${users}\npool_mode = ${mode}\n` +
      `default_pool_size = ${mode === "transaction" ? 4 : 40}\nmax_client_conn = 200\n`,
  );
  await Promise.all([chmod(folder, 0o755), chmod(users, 0o644), chmod(settings, 0o644)]);
  const asUser = userInfo().uid === 0 ? ["-u", "nobody"] : []; // it does not run as root
  const child = spawn("pgbouncer", [...asUser, settings], { stdio: "ignore" });
  await answers(port);
  server.hostname = "127.0.0.1";
  server.port = String(port);
  return {
    url: server.href,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, "127.0.0.1");
    const outcome = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error")]).catch(
      () => false,
    );
    socket.destroy();
    if (outcome === true) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("pgbouncer does not start.");
}
