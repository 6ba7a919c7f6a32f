/** A service of ours that follows auth from another process: its keys over HTTP, its revocations over PostgreSQL. */
import { checkByKeys, createRemoteKeySet, protectedProcedure, router } from "@countersign/context";
import { openDatabase } from "@countersign/database";
import { createPostgresBus } from "@countersign/events";
import { createRevocationSource, createServiceApp, serve } from "@countersign/service";
import { answer, settings } from "../harness/answer.ts";
import { issuer } from "./identity.ts";
import { createServiceOfOurs } from "./service-of-ours.ts";

const { databaseUrl, authPort } = settings<{ databaseUrl: string; authPort: number }>();
const database = await openDatabase(databaseUrl, { poolSize: 2 });
const onError = (error: unknown) => console.error(error);
const authOrigin = `http://127.0.0.1:${authPort}`;
const chassis = createServiceOfOurs({
  algorithm: "RS256",
  check: checkByKeys(createRemoteKeySet({ url: `${authOrigin}/.well-known/jwks.json`, fetch, now: Date.now })),
  source: createRevocationSource({ issuer, authOrigin, fetch, now: Date.now }, undefined), // by the bus alone
  bus: createPostgresBus({ database, now: Date.now, retentionMs: 20 * 60_000, onError }),
});
await chassis.feed.ready;
const queries = router({ protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })) });
const { port } = await serve(createServiceApp(chassis, queries).fetch, { port: 0, hostname: "127.0.0.1" });

answer({ ports: () => ({ service: port }) });
