import { describePostgres } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { type Processes, startProcesses } from "./revocation-processes.ts";
import { demoAdmin, post, registerAt, signInAt, statusOf } from "./revocation-rig.ts";

/** Several processes start, of which each may take its time on a busy machine. */
const startLimit = 120_000;
const soon = { timeout: 10_000, interval: 20 };

describe("a service that shares nothing with auth", () => {
  it(
    "follows auth's own feed, each on an embedded database of its own",
    async () => {
      const processes = await startProcesses({ databaseUrl: null, services: [{ name: "orders" }] });
      try {
        await expectSignOutFelt(processes);
      } finally {
        await processes.stop();
      }
    },
    startLimit,
  );
});

describePostgres("services that follow by different ways", { migrations: [] }, (open, url) => {
  it(
    "feel a sign-out, refuse what they cannot know while auth is away, and un-revoke nothing",
    async () => {
      const byAuth = { EVENTS_URL: "auth" };
      const services = [
        { name: "orders" },
        { name: "orders", env: byAuth },
        { name: "products", env: byAuth },
      ] as const;
      const processes = await startProcesses({ databaseUrl: url(), services });
      const [orders = "", followers = "", products = ""] = processes.origins;
      try {
        const out = await expectSignOutFelt({ ...processes, origins: [orders, followers] });
        const stays = (await registerAt(processes.auth)).accessToken;
        const lists = [`${orders}/trpc/list`, `${followers}/trpc/list`];
        for (const list of lists) expect(await statusOf(list, stays)).toBe(200);

        const { db } = await open();
        const isListening = "datname = current_database() and query ilike 'listen%'";
        await db.execute(`select pg_terminate_backend(pid) from pg_stat_activity where ${isListening}`);
        const meanwhile = (await registerAt(processes.auth)).accessToken;
        await post(`${processes.auth}/auth/logout`, {}, meanwhile);
        for (const list of lists) await expect.poll(() => statusOf(list, meanwhile), soon).toBe(401);
        for (const list of lists) expect(await statusOf(list, out)).toBe(401);

        const admin = (await signInAt(processes.auth, demoAdmin)).accessToken;
        const setPrice = async () => (await post(`${products}/trpc/setPrice`, unknownProduct, admin)).status;
        expect(await setPrice()).toBe(404);

        await processes.stopAuth();
        expect(await setPrice()).toBe(503);
        for (const list of lists) expect(await statusOf(list, stays)).toBe(200);
        for (const list of lists) expect(await statusOf(list, out)).toBe(401);
        await expect.poll(() => feedOf(followers), soon).toMatchObject({ state: "down" });
        expect(await feedOf(orders)).toMatchObject({ state: "live" });

        await processes.startAuth();
        await expect.poll(() => feedOf(followers), soon).toMatchObject({ state: "live" });
        for (const list of lists) expect(await statusOf(list, out)).toBe(401);
        await expect.poll(setPrice, soon).toBe(404);
        await expectSignOutFelt({ ...processes, origins: [orders, followers] });
        await expect.poll(() => feedOf(products), soon).toMatchObject({ state: "live" });
      } finally {
        await processes.stop();
      }
    },
    startLimit,
  );
});

/** For a procedure that asks auth whether the session still stands before it looks for a product. */
const unknownProduct = { id: "00000000-0000-4000-8000-000000000000", price: { amount: 1, currency: "EUR" } };

/** Signs somebody out whom every service knew, and gives the token that has ended. */
async function expectSignOutFelt({ auth, origins }: Pick<Processes, "auth" | "origins">): Promise<string> {
  const token = (await registerAt(auth)).accessToken;
  for (const origin of origins) expect(await statusOf(`${origin}/trpc/list`, token)).toBe(200);
  expect((await post(`${auth}/auth/logout`, {}, token)).status).toBe(200);
  for (const origin of origins) {
    await expect.poll(() => statusOf(`${origin}/trpc/list`, token), { timeout: 1_000, interval: 10 }).toBe(401);
  }
  return token;
}

async function feedOf(origin: string): Promise<unknown> {
  const body: unknown = await (await fetch(`${origin}/health/ready`)).json();
  return typeof body === "object" && body !== null && "feed" in body ? body.feed : null;
}
