import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPostgresPrograms, startTlsServer, type TlsServer } from "../test/tls-server.ts";
import { openDatabase } from "./open.ts";

const programs = findPostgresPrograms();
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const absent = programs !== null && hasOpenssl ? "" : " (skipped: no programs of PostgreSQL, or no openssl)";

describe.skipIf(absent !== "")(`a server that speaks TLS alone${absent}`, () => {
  let server: TlsServer;
  beforeAll(async () => {
    server = await startTlsServer(programs ?? "");
  });
  afterAll(() => server.stop());

  /** Asks by the pool and listens, and gives whether the connection was encrypted, or why there is none. */
  async function ask(url: string): Promise<unknown> {
    const database = await openDatabase(url);
    try {
      const [row] = await database.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
      const heard: string[] = [];
      await database.listen("tls", (payload) => heard.push(payload));
      await database.query("select pg_notify('tls', 'a')");
      await expect.poll(() => heard).toEqual(["a"]);
      return row?.["ssl"];
    } catch (error) {
      return error instanceof Error && "cause" in error ? error.cause : error;
    } finally {
      await database.close();
    }
  }

  it("is spoken to with sslmode=require, whoever issued its certificate", async () => {
    expect(await ask(server.url("sslmode=require"))).toBe(true);
    expect(await ask(server.url("sslmode=require&channel_binding=require", "localhost"))).toBe(true);
  });

  it("is spoken to when its certificate is of the authority in sslrootcert", async () => {
    for (const mode of ["require", "verify-ca", "verify-full"]) {
      expect(await ask(server.url(`sslmode=${mode}&sslrootcert=${server.authority}`))).toBe(true);
      const other = await ask(server.url(`sslmode=${mode}&sslrootcert=${server.stranger}`));
      expect(String(other)).toMatch(/certificate/);
    }
  });

  it("is spoken to under the name in its certificate alone with verify-full, under any with verify-ca", async () => {
    const named = (mode: string) => server.url(`sslmode=${mode}&sslrootcert=${server.authority}`, "localhost");
    expect(await ask(named("verify-ca"))).toBe(true);
    expect(String(await ask(named("verify-full")))).toMatch(/altnames|hostname|host/i);
  });

  it("is not spoken to with verify-full by the authorities of the system, nor in the clear", async () => {
    for (const parameters of ["sslmode=verify-full", "sslmode=verify-full&sslrootcert=system"])
      expect(String(await ask(server.url(parameters)))).toMatch(/certificate/);
    expect(String(await ask(server.url("sslmode=disable")))).toMatch(/pg_hba|encryption/);
    expect(String(await ask(server.url("")))).toMatch(/pg_hba|encryption/);
  });

  it("needs a file that can be read, which is named", async () => {
    const opened = openDatabase(server.url("sslmode=verify-full&sslrootcert=/absent/ca.pem"));
    await expect(opened).rejects.toThrow("/absent/ca.pem, which cannot be read (ENOENT)");
  });
});
