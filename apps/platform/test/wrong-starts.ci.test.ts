import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { openDatabase } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMainOf } from "./run-main.ts";
import { temporaryFolder } from "./start-test-platform.ts";

/** What must stand nowhere in what a process prints. */
const secret = "hunter2";
const secrets = { SECRETS_KEY: randomBytes(32).toString("base64") };
const nowhere = `postgres://me:${secret}@127.0.0.1:1/none`;

let folder = "";
let taken = 0;
let remove: () => Promise<void>;
const holder = createServer();
const at = (name: string) => path.join(folder, name);
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  await writeFile(at("file"), `${secret}\n`);
  await writeFile(at("key.json"), JSON.stringify(privateJwk()));
  await mkdir(at("damaged/data"), { recursive: true });
  await writeFile(at("damaged/data/PG_VERSION"), "17\n");
  await mkdir(at("closed"), { mode: 0o500 });
  await once(holder.listen(0, "127.0.0.1"), "listening");
  const address = holder.address();
  taken = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(async () => {
  holder.close();
  await remove();
});

/** Whether users that are neither the owner nor of the group get into this folder: each one above it lets them through. */
function othersMayRead(directory: string): boolean {
  const above = path.dirname(directory);
  return (statSync(directory).mode & 0o005) === 0o005 && (above === directory || othersMayRead(above));
}

function privateJwk(): object {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    ...privateKey.export({ format: "jwk" }),
    alg: "ES256",
    kid: randomBytes(32).toString("base64url"),
    use: "sig",
  };
}

/** Starts it, and gives the sentences on standard error; it has to end by itself, and to show no stack and no secret. */
async function failing(app: string, env: Readonly<Record<string, string>>, uid?: number): Promise<string> {
  const running = runMainOf(`${app}/src/main.ts`, env, uid === undefined ? {} : { uid });
  expect([await running.ended, running.out() + running.error()]).toEqual([1, expect.not.stringContaining(secret)]);
  expect(running.error()).not.toMatch(/^\s+at /m);
  return running.error().trim();
}

/** Each of these is a sentence that begins with the name of the variable, alone on its line. */
type Case = readonly [app: string, env: () => Readonly<Record<string, string>>, sentence: RegExp];
const services = ["auth", "orders", "products", "inventory"] as const;
const good = (app: string) => (app === "auth" ? secrets : { SERVICE_KEY_FILE: at("key.json") });

const cases: readonly Case[] = [
  ...[...services, "gateway"].map(
    (app): Case => [
      app,
      () => ({ ...good(app), REDIS_URL: `redis://:${secret}#@cache`, DATABASE_URL: nowhere }),
      /^ {2}REDIS_URL: .*%23/m,
    ],
  ),
  ...services.map(
    (app): Case => [
      app,
      () => ({ ...good(app), DATABASE_URL: nowhere, PORT: "0" }),
      /^DATABASE_URL: the database does not answer \(ECONNREFUSED\)\. [^\n]+\.$/,
    ],
  ),
  [
    "gateway",
    () => ({ TRUSTED_PROXIES: `10.0.0.0/${secret}`, HOST: "no host" }),
    /^ {2}HOST: .*\n {2}TRUSTED_PROXIES: /m,
  ],
  ["orders", () => ({ DATABASE_URL: `postgres://me:${secret}/3@db/x` }), /^ {2}DATABASE_URL: .*%2F/m],
  ["orders", () => ({ DATABASE_URL: `postgres://me:a?${secret}@db/x` }), /^ {2}DATABASE_URL: .*%3F/m],
  ["auth", () => ({ ...secrets, DATABASE_URL_FILE: at("file") }), /^ {2}DATABASE_URL_FILE: is "postgres/m],
  ["auth", () => ({ SECRETS_KEY: secret, DATABASE_URL: nowhere }), /^ {2}SECRETS_KEY: entry 1 has/m],
  ["auth", () => ({ SECRETS_KEY_FILE: at("file"), DATABASE_URL: nowhere }), /^ {2}SECRETS_KEY_FILE: entry 1 has/m],
  ["orders", () => ({ SERVICE_KEY_FILE: at("file"), DATABASE_URL: nowhere }), /^SERVICE_KEY_FILE: .*not a private JWK/],
  [
    "gateway",
    () => ({ SERVICE_KEY_FILE: at("none"), EVENTS_URL: "nats://127.0.0.1:1" }),
    /^SERVICE_KEY_FILE: .*ENOENT/,
  ],
  [
    "gateway",
    () => ({ GATEWAY_KEYS_FILE: at("file"), EVENTS_URL: "nats://127.0.0.1:1", UPSTREAMS: "a=http://127.0.0.1:1" }),
    /^GATEWAY_KEYS_FILE: .*not a JWK Set/,
  ],
  [
    "gateway",
    () => ({ HOST: "192.0.2.1" }),
    /^HOST: 192\.0\.2\.1 is no address of this machine \([A-Z]+\)\. [^\n]+\.$/,
  ],
  [
    "gateway",
    () => ({ HOST: "nonesuch.invalid", PORT: "0" }),
    /^HOST: nonesuch\.invalid is no address of this machine /,
  ],
  ["gateway", () => ({ PORT: String(taken) }), /^PORT: port \d+ on 127\.0\.0\.1 is already in use\. [^\n]+ set it to/],
  ["gateway", () => ({ PORT: "0", METRICS_PORT: String(taken) }), /^METRICS_PORT: port \d+ .* set it to a free one\.$/],
  ["auth", () => ({ ...secrets, DATABASE_URL: `file:${at("file/x")}` }), /^DATA_DIR: .* cannot be used \(ENOTDIR\); /],
  ["auth", () => ({ ...secrets, DATABASE_URL: `file:${at("damaged")}` }), /^The database in .* cannot be opened: /],
  [
    "orders",
    () => ({ ...good("orders"), DATABASE_URL: `file:${at("o")}`, LIMITS: "orders.plac/user=1/1" }),
    /^LIMITS: /,
  ],
];

/** A process starts in a second; on a machine that does much else, in twenty. */
const patience = { timeout: 120_000 };

describe("a start that its operator can mend", patience, () => {
  it.for(cases.map((each, index) => [index, ...each] as const))("ends with a sentence: %d, %s", async (each) => {
    const [, app, env, sentence] = each;
    expect(await failing(app, env())).toMatch(sentence);
  });

  it("ends with a sentence where the directory may not be written", async (context) => {
    if (process.getuid?.() !== 0) return context.skip("only root can start a process as another user");
    if (!othersMayRead(import.meta.dirname)) return context.skip("another user may not read this checkout");
    const env = { ...secrets, DATABASE_URL: `file:${at("closed/database")}` };
    expect(await failing("auth", env, 65_534)).toMatch(/^DATA_DIR: .* cannot be used \(EACCES\); /);
  });

  it("names a PORT with which all ports are free", async () => {
    const said = await failing("platform", { DATA_DIR: at("platform"), PORT: String(taken) });
    const [, port] = /^PORT: .* or start with PORT=(\d+): the gateway then takes \1, /.exec(said) ?? [];
    expect(Number(port)).toBeGreaterThan(taken);
  });
});

describeDatabases("a database that is not as it should be", { migrations: [] }, (_open, { kind, url }) => {
  const database = () => url() ?? "";
  const isPostgres = kind === "postgres";

  it.skipIf(!isPostgres)(
    "is told from the password that is wrong, and from one that there is not (skipped: embedded)",
    patience,
    async () => {
      const wrong = new URL(database());
      wrong.username = "nobody";
      wrong.password = secret;
      const none = new URL(database());
      none.pathname = "/nonesuch";
      const key = { SERVICE_KEY_FILE: at("key.json") };
      const said = await Promise.all(
        [wrong, none].map((each) => failing("orders", { ...key, DATABASE_URL: each.href, PORT: "0" })),
      );
      expect(said[0]).toMatch(/^DATABASE_URL: the server refuses this user/);
      expect(said[1]).toMatch(/^DATABASE_URL: the server has no such database/);
    },
  );

  it.skipIf(!isPostgres)(
    "is told when its keys were sealed with another secret, and when its schema is another's (skipped: embedded)",
    patience,
    async () => {
      const first = runMainOf("auth/src/main.ts", { ...secrets, DATABASE_URL: database(), PORT: "0" });
      await first.printed("Listening.");
      first.child.kill("SIGTERM");
      expect(await first.ended).toBe(0);
      const other = { SECRETS_KEY: randomBytes(32).toString("base64"), DATABASE_URL: database(), PORT: "0" };
      expect(await failing("auth", other)).toMatch(/^SECRETS_KEY: is not the secret that sealed [^\n]+\.$/);
      const opened = await openDatabase(database());
      await opened.query("create schema inventory");
      await opened.query("create table inventory.theirs (id int)");
      await opened.close();
      const theirs = { SERVICE_KEY_FILE: at("key.json"), DATABASE_URL: database(), PORT: "0" };
      expect(await failing("inventory", theirs)).toMatch(/^The schema "inventory" of this database is somebody else's/);
    },
  );
});
