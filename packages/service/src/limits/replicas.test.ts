import { protectedProcedure, router } from "@countersign/context";
import { callProcedure, createTestChassis, createTestIssuer, silentLog } from "@countersign/testing";
import { afterAll, describe, expect, it } from "vitest";
import { answersRedis, removeKeys, sharedRedisUrl } from "../../test/redis-server.ts";
import { createServiceApp } from "../create-service-app.ts";
import { openRedisStore } from "./redis-store.ts";

const prefix = `countersign-test-${crypto.randomUUID()}`;
const absent = (await answersRedis(sharedRedisUrl)) ? "" : ` (skipped: no Redis at ${sharedRedisUrl})`;

const placing = router({
  place: protectedProcedure.meta({ limits: [{ by: "user", calls: 10, perSeconds: 60 }] }).mutation(() => "placed"),
});

describe.skipIf(absent !== "")(`two replicas with one Redis${absent}`, () => {
  afterAll(() => removeKeys(sharedRedisUrl, prefix));

  it("let exactly ten of fifty calls at once through, for each user", async () => {
    const issuer = await createTestIssuer();
    const open = () => openRedisStore({ url: sharedRedisUrl, prefix, log: silentLog });
    const stores = await Promise.all([open(), open()]);
    const replicas = stores.map((store) =>
      createServiceApp(createTestChassis("orders", { issuer, limits: { store, sizes: new Map() } }), placing),
    );
    const tokens = await Promise.all([1, 2].map(() => issuer.userToken({ id: crypto.randomUUID() })));
    const passed = tokens.map(async (token) => {
      const calls = Array.from({ length: 25 }, () =>
        replicas.map((app) => callProcedure(app, "place", { type: "mutation", token })),
      );
      const answers = await Promise.all(calls.flat());
      return answers.filter(({ status }) => status === 200).length;
    });
    expect(await Promise.all(passed)).toEqual([10, 10]);
    await Promise.all(stores.map((store) => store.close()));
  });
});
