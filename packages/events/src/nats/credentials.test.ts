import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCable } from "@countersign/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createNatsAccounts } from "../../test/nats-accounts.ts";
import { follow, publishWhenUp } from "../../test/nats-client.ts";
import { createNatsServer, hasNatsServer, type NatsServer } from "../../test/nats-server.ts";
import type { EventBus } from "../bus.ts";
import type { BusError } from "../bus-error.ts";
import { createNatsBus, type NatsBusOptions } from "../nats-bus.ts";

const noProgram = hasNatsServer() ? "" : " (skipped: no program nats-server)";
const noOpenssl = spawnSync("openssl", ["version"]).status === 0 ? "" : " (skipped: no program openssl)";

describe.skipIf(noProgram !== "")(`the credentials of a bus over NATS${noProgram}`, () => {
  let folder: string;
  const servers: NatsServer[] = [];
  const buses: EventBus[] = [];
  const at = (name: string) => path.join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "countersign-nats-tls-"));
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function serve(config: string): Promise<NatsServer> {
    const server = await createNatsServer({ config });
    servers.push(server);
    await server.start();
    return server;
  }

  function open(options: Partial<NatsBusOptions> & { readonly url: string }) {
    const errors: BusError[] = [];
    const onError = (error: BusError) => void errors.push(error);
    const bus = createNatsBus({ now: Date.now, retentionMs: 60_000, onError, ...options });
    buses.push(bus);
    return { bus, errors };
  }

  /** All that a bus says when it cannot connect. */
  async function complaintOf(options: Partial<NatsBusOptions> & { readonly url: string }): Promise<string> {
    const { bus, errors } = open(options);
    const seen = follow(bus, "a");
    await expect.poll(() => errors.length).toBe(1);
    expect(seen.states).toEqual(["down"]);
    const said: string[] = [];
    for (let error: unknown = errors[0]; error instanceof Error; error = error.cause) said.push(error.message);
    return said.join(" ");
  }

  it("are a user and a password, whatever is in them", async () => {
    const server = await serve('authorization { users: [ { user: "us/er", password: "p@s:s/w#rd?," } ] }');
    const { bus, errors } = open({ url: `nats://us%2Fer:p%40s%3As%2Fw%23rd%3F%2C@127.0.0.1:${server.port}` });
    await publishWhenUp(bus, 1);
    expect(errors).toEqual([]);
    const wrong = await complaintOf({ url: `nats://us%2Fer:hunter2@127.0.0.1:${server.port}` });
    expect(wrong).toContain("The NATS server refuses the user, password, token or credentials given.");
    expect(wrong).not.toContain("hunter2");
  });

  it("are a token", async () => {
    const server = await serve("authorization { token: s3cret }");
    await publishWhenUp(open({ url: `nats://s3cret@127.0.0.1:${server.port}` }).bus, 1);
    expect(await complaintOf({ url: `nats://hunter2@127.0.0.1:${server.port}` })).not.toContain("hunter2");
    expect(await complaintOf({ url: server.url })).toContain("refuses the user");
  });

  it("are a file of a user's JWT and seed, read anew at each connection", async () => {
    const [accounts, others] = [createNatsAccounts(), createNatsAccounts()];
    const server = await serve(accounts.config);
    await writeFile(at("user.creds"), others.credentials);
    const { bus, errors } = open({ url: server.url, credentialsFile: at("user.creds") });
    const seen = follow(bus, "a");
    await expect.poll(() => errors.map(({ code }) => code)).toEqual(["misconfigured"]);
    await writeFile(at("user.creds"), accounts.credentials);
    await publishWhenUp(bus, 1);
    await expect.poll(seen.data).toEqual([1]);
    expect(await complaintOf({ url: server.url, credentialsFile: at("absent.creds") })).toContain("absent.creds");
  });

  describe.skipIf(noOpenssl !== "")(`over TLS${noOpenssl}`, () => {
    const subjects = { address: "IP:127.0.0.1", name: "DNS:localhost" };

    beforeAll(() => {
      for (const name of ["ours", "others"]) makeAuthority(name);
    });

    /** An authority, and certificates of it for 127.0.0.1, for localhost and for neither. */
    function makeAuthority(name: string): void {
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      openssl([
        "req",
        "-x509",
        ...key,
        "-keyout",
        at(`${name}.key`),
        "-out",
        at(`${name}.pem`),
        "-subj",
        `/CN=${name}`,
      ]);
      for (const [host, subject] of Object.entries(subjects)) {
        const leaf = ["-keyout", at(`${name}-${host}.key`), "-out", at(`${name}-${host}.pem`), "-subj", "/CN=nats"];
        const signed = ["-CA", at(`${name}.pem`), "-CAkey", at(`${name}.key`), "-addext", `subjectAltName=${subject}`];
        openssl(["req", "-x509", ...key, ...leaf, ...signed, "-addext", "basicConstraints=critical,CA:FALSE"]);
      }
    }

    const tlsFor = (host: keyof typeof subjects) =>
      `tls { cert_file: "${at(`ours-${host}.pem`)}", key_file: "${at(`ours-${host}.key`)}" }\n`;
    const login = "authorization { users: [ { user: me, password: hunter2 } ] }";

    it("go to a server that the given authority vouches for, and to no other", async () => {
      const server = await serve(tlsFor("address") + login);
      const url = `tls://me:hunter2@127.0.0.1:${server.port}`;
      const { bus, errors } = open({ url, caFile: at("ours.pem") });
      await publishWhenUp(bus, 1);
      expect(errors).toEqual([]);
      const complaints = [await complaintOf({ url }), await complaintOf({ url, caFile: at("others.pem") })];
      for (const complaint of complaints) {
        expect(complaint).toMatch(/certificate/);
        expect(complaint).not.toContain("hunter2");
      }
    });

    it.each([
      ["address", "127.0.0.1"],
      ["name", "localhost"],
    ] as const)("go to a server whose certificate is for its %s, and to no other", async (host, named) => {
      const server = await serve(tlsFor(host) + login);
      await publishWhenUp(open({ url: `tls://me:hunter2@${named}:${server.port}`, caFile: at("ours.pem") }).bus, 1);
      const other = named === "localhost" ? "127.0.0.1" : "localhost";
      const complaint = await complaintOf({ url: `tls://me:hunter2@${other}:${server.port}`, caFile: at("ours.pem") });
      expect(complaint).toMatch(/does not match certificate|ERR_TLS_CERT_ALTNAME_INVALID|altname/i);
    });

    it("are not said to a server without TLS", async () => {
      const server = await serve(login);
      const cable = await createCable(server.port);
      const url = `tls://me:hunter2@127.0.0.1:${cable.port}`;
      expect(await complaintOf({ url, caFile: at("ours.pem") })).toMatch(/does not support 'tls'/);
      await cable.close();
    });
  });
});

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
