import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { freePort } from "./free-port.ts";

/** A PostgreSQL of a test's own that takes connections over TLS alone. */
export type TlsServer = {
  /** `postgres://user@host:port/postgres` with these parameters; the certificate is for 127.0.0.1, not for localhost. */
  readonly url: (parameters: string, host?: string) => string;
  /** The authority that issued the server's certificate, and another one; PEM files. */
  readonly authority: string;
  readonly stranger: string;
  stop(): Promise<void>;
};

/** Where the server's programs are, which Debian keeps off the path; null when there are none. */
export function findPostgresPrograms(): string | null {
  const { stdout } = spawnSync("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1"], {
    encoding: "utf8",
  });
  const debian = stdout.trim();
  if (debian !== "") return debian;
  const found = spawnSync("sh", ["-c", "command -v initdb"], { encoding: "utf8" }).stdout.trim();
  return found === "" ? null : path.dirname(found);
}

/** Makes a cluster in a temporary folder and starts it, as `postgres` when the tests run as root, which it refuses. */
export async function startTlsServer(programs: string): Promise<TlsServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-tls-"));
  const at = (name: string) => path.join(folder, name);
  makeAuthority(at("authority"));
  makeAuthority(at("stranger"));
  makeCertificate(at("server"), at("authority"));
  const data = at("data");
  const asUser = userInfo().uid === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  if (asUser.length > 0) await giveToPostgres(folder);
  const run = (...command: readonly string[]) => execute([...asUser, ...command]);
  run(`${programs}/initdb`, "-D", data, "-U", "app", "--auth=trust", "--no-sync", "-E", "UTF8");
  await writeFile(`${data}/pg_hba.conf`, "hostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n");
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=localhost", `unix_socket_directories=${folder}`, "fsync=off"];
  const tls = ["ssl=on", `ssl_cert_file=${at("server.pem")}`, `ssl_key_file=${at("server.key")}`];
  const options = [...settings, ...tls].flatMap((setting) => ["-c", setting]);
  const [program = "", ...rest] = [...asUser, `${programs}/postgres`, "-D", data, ...options];
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  for await (const part of child.stderr) {
    log += String(part);
    if (log.includes("ready to accept connections")) break;
  }
  if (!log.includes("ready to accept connections")) throw new Error(`PostgreSQL does not start: ${log}`);
  return {
    url: (parameters, host = "127.0.0.1") => `postgres://app@${host}:${port}/postgres?${parameters}`,
    authority: at("authority.pem"),
    stranger: at("stranger.pem"),
    async stop() {
      const exited = once(child, "exit");
      run(`${programs}/pg_ctl`, "stop", "-D", data, "-m", "immediate");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function makeAuthority(name: string): void {
  execute(["openssl", "req", "-x509", ...key, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", "/CN=ca"]);
}

function makeCertificate(name: string, authority: string): void {
  const signed = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`];
  const extensions = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
  const files = ["-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", "/CN=db"];
  execute(["openssl", "req", "-x509", ...key, ...files, ...signed, ...extensions]);
}

async function giveToPostgres(folder: string): Promise<void> {
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => Number(execute(["id", flag, "postgres"])));
  const names = await readdir(folder);
  for (const name of ["", ...names]) await chown(path.join(folder, name), uid, gid);
}

function execute([program = "", ...args]: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: tmpdir() });
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ""}: ${stderr}`);
  return stdout;
}
