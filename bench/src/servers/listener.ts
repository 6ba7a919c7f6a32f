/** A service of ours that follows auth from another process: its keys over HTTP, its revocations over PostgreSQL. */
import { checkByKeys, createRemoteKeySet, protectedProcedure, router } from "@countersign/context";
import { openDatabase } from "@countersign/database";
import { createPostgresBus } from "@countersign/events";
import { createChassis, createLog, createServiceApp, serve } from "@countersign/service";
import { answer, settings } from "../harness/answer.ts";
import { issuer } from "./identity.ts";

const { databaseUrl, authPort } = settings<{ databaseUrl: string; authPort: number }>();
const database = await openDatabase(databaseUrl, { poolSize: 2 });
const onError = (error: unknown) => console.error(error);
const chassis = createChassis({
  service: "orders",
  issuer,
  algorithms: ["RS256"],
  check: checkByKeys(
    createRemoteKeySet({ url: `http://127.0.0.1:${authPort}/.well-known/jwks.json`, fetch, now: Date.now }),
  ),
  bus: createPostgresBus({ database, now: Date.now, retentionMs: 20 * 60_000, onError }),
  call: () => Promise.reject(new Error("This service calls nobody.")),
  isLive: () => Promise.resolve(true),
  trustedProxies: [],
  log: createLog({ service: "orders", level: "silent" }),
  now: Date.now,
});
await chassis.feed.ready;
const queries = router({ protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })) });
const { port } = await serve(createServiceApp(chassis, queries).fetch, { port: 0, hostname: "127.0.0.1" });

answer({ ports: () => ({ service: port }) });
