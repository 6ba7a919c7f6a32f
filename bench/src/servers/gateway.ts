/**
 * The gateway as `main.ts` makes it, with every check on: the token is verified and held against the revocations, calls
 * are counted by address, the framing, the site, the credentials and the load are looked at.
 */

import { checkByKeys } from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import { createApp, createTrust } from "@countersign/gateway/app";
import {
  createLog,
  createMemoryStore,
  createTransport,
  localOrigins,
  serveAnswers,
  watchLoopDelay,
} from "@countersign/service";
import { createLocalKeySet, signAccessToken } from "@countersign/tokens";
import { createTestFeed } from "../../../packages/testing/src/test-feed.ts";
import { answer, settings } from "../harness/answer.ts";
import { createIdentity, issuer } from "./identity.ts";

const { backendPort } = settings<{ backendPort: number }>();
const identity = await createIdentity("RS256");
const log = createLog({ service: "gateway", level: "silent" });
const trust = createTrust({
  issuer,
  algorithms: ["RS256"],
  check: checkByKeys(createLocalKeySet(() => identity.publicJwks)),
  source: (await createTestFeed(issuer, Date.now)).source, // nothing is revoked here
  key: undefined, // its refusals are not reported
  bus: createInProcessBus({ now: Date.now, retentionMs: 60_000 }),
  log,
  now: Date.now,
});
await trust.feed.ready;
const loop = watchLoopDelay(() => performance.now());
const app = createApp({
  upstreams: { ...localOrigins(), orders: `http://127.0.0.1:${backendPort}` },
  publicOrigin: issuer,
  forward: createTransport().forward,
  trust,
  limits: { store: createMemoryStore(), sizes: new Map([["gateway/address", { calls: 100_000_000, perSeconds: 60 }]]) },
  load: { delayMs: loop.delayMs },
  log,
  now: Date.now,
});
const { port } = await serveAnswers(app, { port: 0, hostname: "127.0.0.1" });

answer({
  start: async () => ({
    port,
    headers: { authorization: `Bearer ${await signAccessToken(identity.claims(), identity.key)}` },
  }),
});
