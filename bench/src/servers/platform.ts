/** The whole platform as `npm start` runs it, on an embedded database, with limits that a single address does not reach. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLog } from "@countersign/service";
import { demoUsers } from "../../../apps/platform/src/demo-users.ts";
import { startPlatform } from "../../../apps/platform/src/run/start-platform.ts";
import { answer } from "../harness/answer.ts";

const dataDir = await mkdtemp(path.join(tmpdir(), "countersign-soak-"));
const plenty = { calls: 1_000_000_000, perSeconds: 60 };
const limited = [
  ...["gateway/address", "products.list/address", "orders.place/user", "orders.cancel/user"],
  ...["auth.signIn/user", "auth.renewal/session", "auth.renewal/user"],
];
const platform = await startPlatform({
  dataDir,
  secrets: [new Uint8Array(32).fill(7)],
  algorithm: "RS256",
  seed: true,
  hostname: "127.0.0.1",
  portOf: () => 0,
  limits: { LIMITS: new Map(limited.map((name) => [name, plenty])) },
  log: (service) => createLog({ service, level: "silent" }),
});

answer({
  start: () => ({ url: platform.origins.gateway, user: demoUsers[0] }),
  stop: async () => {
    await platform.stop();
    await rm(dataDir, { recursive: true });
  },
});
