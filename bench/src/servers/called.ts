/** The service that is called: the same answer to anyone, to a static key, and to a user through orders. */
import { timingSafeEqual } from "node:crypto";
import {
  checkByKeys,
  createRemoteKeySet,
  delegatedProcedure,
  publicProcedure,
  Refusal,
  router,
} from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import { createServiceApp, serve } from "@countersign/service";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import { createTestFeed } from "../../../packages/testing/src/test-feed.ts";
import { answer, settings } from "../harness/answer.ts";
import { issuer } from "./identity.ts";
import { sharedKey, userId } from "./query.ts";
import { createServiceOfOurs } from "./service-of-ours.ts";

const { authPort, algorithm } = settings<{ authPort: number; algorithm: AsymmetricAlgorithm }>();
const expected = Buffer.from(sharedKey);
const feed = await createTestFeed(issuer, Date.now); // nothing is revoked here
const chassis = createServiceOfOurs({
  service: "inventory",
  algorithm,
  check: checkByKeys(
    createRemoteKeySet({ url: `http://127.0.0.1:${authPort}/.well-known/jwks.json`, fetch, now: Date.now }),
  ),
  source: feed.source,
  bus: createInProcessBus({ now: Date.now, retentionMs: 60_000 }),
});
await chassis.feed.ready;

export const called = router({
  open: publicProcedure.query(() => ({ id: userId })),
  keyed: publicProcedure.query(({ ctx }) => {
    const given = Buffer.from(ctx.request.headers.get("x-api-key") ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Refusal("UNAUTHORIZED");
    return { id: userId };
  }),
  delegated: delegatedProcedure("orders").query(({ ctx }) => ({ id: ctx.user.id })),
});
const { port } = await serve(createServiceApp(chassis, called).fetch, { port: 0, hostname: "127.0.0.1" });

answer({ ports: () => ({ called: port }) });
