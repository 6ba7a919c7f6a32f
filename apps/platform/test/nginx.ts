import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** Whether this machine has nginx; without it, the tests that need one are skipped with a reason. */
export const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

export type Nginx = { readonly url: string; stop(): Promise<void> };

/**
 * nginx as a shared cache that is as greedy as its settings allow: it keeps every answer that does not forbid it, also
 * one that sets a cookie, and knows answers by their URL alone. `x-cache` says what it did.
 *
 * @param upstreams by the prefix of the path, such as `/`
 */
export async function startNginx(upstreams: Readonly<Record<string, string>>): Promise<Nginx> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-nginx-"));
  await mkdir(path.join(folder, "temp"));
  const port = await freePort();
  await writeFile(path.join(folder, "nginx.conf"), configuration({ folder, port, upstreams }));
  const nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], { stdio: "ignore" });
  const ended = once(nginx, "exit");
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(url);
  return {
    url,
    async stop() {
      nginx.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Settings = { folder: string; port: number; upstreams: Readonly<Record<string, string>> };

function configuration({ folder, port, upstreams }: Settings): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp;`);
  const locations = Object.entries(upstreams).map(
    ([prefix, origin]) => `location ${prefix} {
      proxy_pass ${origin};
      proxy_http_version 1.1;
      proxy_cache shared;
      proxy_cache_key $request_uri;
      proxy_cache_valid any 10m;
      proxy_ignore_headers Set-Cookie Vary;
      add_header x-cache $upstream_cache_status always;
    }`,
  );
  return `daemon off;
pid nginx.pid;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : "" /* else a worker could not read the folder */}
events {}
http {
  access_log off;
  ${temporary.join("\n  ")}
  proxy_cache_path ${path.join(folder, "cache")} keys_zone=shared:1m use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    ${locations.join("\n    ")}
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilAnswered(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(url).catch(() => null); // not listening yet
    await answer?.body?.cancel();
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nginx did not come up.");
}
