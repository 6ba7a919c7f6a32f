/** The auth service on PostgreSQL, with a key for every service and users whose tokens can be exchanged. */
import { createApp, keepUp, migrationsFolder, openAuth, provisionServices } from "@countersign/auth/app";
import { openDatabase } from "@countersign/database";
import { createInProcessBus } from "@countersign/events";
import { createLog, createMemoryStore, serve } from "@countersign/service";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import { answer, settings } from "../harness/answer.ts";
import { issuer } from "./identity.ts";

type Settings = {
  readonly databaseUrl: string;
  readonly algorithm: AsymmetricAlgorithm;
  /** Where the private keys of services go. */
  readonly keys: string;
};

const { databaseUrl, algorithm, keys } = settings<Settings>();
const database = await openDatabase(databaseUrl);
await database.migrate("auth", migrationsFolder);
const secrets = [new Uint8Array(32).fill(7)];
await provisionServices({ db: database.db, directory: keys, now: Date.now, secrets });
const plenty = { calls: 1_000_000, perSeconds: 60 };
const limited = [
  ...["register/address", "register/account", "refresh/session", "renewal/session", "renewal/user"],
  ...["issue/service", "exchange/user", "exchange/service"],
];
const auth = await openAuth({
  database,
  bus: createInProcessBus({ now: Date.now, retentionMs: 20 * 60_000 }),
  issuer,
  algorithm,
  secrets,
  trustedProxies: [],
  log: createLog({ service: "auth", level: "silent" }),
  now: Date.now,
  limits: { store: createMemoryStore(), sizes: new Map(limited.map((name) => [`auth.${name}`, plenty])) },
  cost: { memoryCost: 64, timeCost: 1, parallelism: 1 }, // hashes play no part here
});
await auth.chassis.feed.ready;
keepUp(auth);
const app = createApp(auth);
const served = await serve(app.fetch, { port: 0, hostname: "127.0.0.1" });

type Tokens = { accessToken: string; refreshToken: string };

async function post(path: string, json: object): Promise<Tokens> {
  const headers = { "content-type": "application/json" };
  const request = new Request(`${issuer}${path}`, { method: "POST", headers, body: JSON.stringify(json) });
  const response = await app.request(request, {}, { address: "127.0.0.1" });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Tokens; // in bearer mode
}

let session: Tokens | null = null;

answer({
  ports: () => ({ auth: served.port }),
  /** Access tokens of one session, each a new one. */
  mint: async (count: number) => {
    const password = "correct horse battery";
    session ??= await post("/auth/register", { email: "bench@example.com", password, mode: "bearer" });
    const tokens: string[] = [];
    while (tokens.length < count) {
      session = await post("/auth/refresh", { refreshToken: session.refreshToken, mode: "bearer" });
      tokens.push(session.accessToken);
    }
    return tokens;
  },
});
