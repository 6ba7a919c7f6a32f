import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { listen } from "../harness/listen.ts";

/** nginx with one worker in front of a backend, over kept-alive connections. */
export type Nginx = {
  readonly port: number;
  readonly version: string;
  /** The CPU time that its worker has used, in microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
};

/** Null where there is no nginx. */
export async function startNginx(backendPort: number): Promise<Nginx | null> {
  const version = versionOf();
  if (version === null) return null;
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-bench-nginx-"));
  const port = await freePort();
  await writeFile(path.join(folder, "nginx.conf"), configuration(port, backendPort));
  const nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], { stdio: "ignore" });
  await untilListening(port);
  const worker = await workerOf(nginx);
  return {
    port,
    version,
    async cpu() {
      const [nanoseconds = "0"] = (await readFile(`/proc/${worker}/schedstat`, "utf8")).split(" ");
      return Number(nanoseconds) / 1000;
    },
    async stop() {
      nginx.kill("SIGTERM");
      await once(nginx, "exit");
      await rm(folder, { recursive: true });
    },
  };
}

function versionOf(): string | null {
  try {
    const output = execFileSync("sh", ["-c", "nginx -v 2>&1"]).toString();
    return /nginx\/([\d.]+)/.exec(output)?.[1] ?? null;
  } catch {
    return null; // not there: the report says so
  }
}

function configuration(port: number, backendPort: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path temp-${name};`,
  );
  return `daemon off;
pid nginx.pid;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${temporary.join("\n  ")}
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

async function workerOf({ pid }: ChildProcess): Promise<string> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => ""); // it may have ended
    if (stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0] === String(pid)) return entry;
  }
  throw new Error("nginx has no worker.");
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null); // not listening yet
    await answer?.body?.cancel();
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nginx did not come up.");
}
