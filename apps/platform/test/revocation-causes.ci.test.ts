import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Platform } from "../src/run/start-platform.ts";
import {
  callAuth,
  claimsOf,
  demoAdmin,
  keyOf,
  post,
  registerAt,
  type SignedIn,
  signInAt,
  statusOf,
} from "./revocation-rig.ts";
import { startTestPlatform, temporaryFolder } from "./start-test-platform.ts";

type Scene = { readonly user: SignedIn; readonly other: SignedIn; readonly admin: SignedIn };

/** What ends the access token of `user`; `other` is another session of the same account. */
const causes: readonly { readonly name: string; readonly end: (auth: string, scene: Scene) => Promise<unknown> }[] = [
  { name: "a sign-out", end: (auth, { user }) => post(`${auth}/auth/logout`, {}, user.accessToken) },
  {
    name: "a session that is revoked from another",
    end: (auth, { user, other }) => {
      const input = { sessionId: claimsOf(user.accessToken).sid };
      return callAuth(auth, "sessions.revoke", { token: other.accessToken, input });
    },
  },
  {
    name: "a sign-out everywhere",
    end: (auth, { other }) => callAuth(auth, "logoutEverywhere", { token: other.accessToken }),
  },
  {
    name: "a changed password, in every other session",
    end: (auth, { user, other }) => {
      const input = { currentPassword: user.password, newPassword: "battery staple" };
      return callAuth(auth, "changePassword", { token: other.accessToken, input });
    },
  },
  {
    name: "changed roles",
    end: (auth, { user, admin }) => {
      const input = { userId: user.user.id, roles: ["user", "admin"] };
      return callAuth(auth, "users.setRoles", { token: admin.accessToken, input });
    },
  },
  {
    name: "a disabled account",
    end: (auth, { user, admin }) =>
      callAuth(auth, "users.disable", { token: admin.accessToken, input: { userId: user.user.id } }),
  },
  {
    name: "a deleted account",
    end: (auth, { user, admin }) =>
      callAuth(auth, "users.delete", { token: admin.accessToken, input: { userId: user.user.id } }),
  },
  {
    name: "a password that was reset",
    end: (auth, { user, admin }) =>
      callAuth(auth, "users.resetPassword", { token: admin.accessToken, input: { userId: user.user.id } }),
  },
  {
    name: "a revoked signing key",
    end: (auth, { user, admin }) =>
      callAuth(auth, "keys.revoke", { token: admin.accessToken, input: { kid: keyOf(user.accessToken) } }),
  },
];

describeDatabases("revocation over HTTP", { migrations: [] }, (_open, { kind, url }) => {
  let platform: Platform;
  let orders: string;
  let files: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    files = await temporaryFolder();
    platform = await startTestPlatform({ databaseUrl: url() ?? undefined, dataDir: files.folder });
    orders = `${platform.origins.orders}/trpc/list`;
  });
  afterAll(async () => {
    await platform.stop();
    await files.remove();
  });

  describe.each(causes)("$name", ({ end }) => {
    it("is felt at another service within a second of its answer", async () => {
      const { auth } = platform.origins;
      const user = await registerAt(auth);
      const [other, admin] = [await signInAt(auth, user), await signInAt(auth, demoAdmin)];
      expect(await statusOf(orders, user.accessToken)).toBe(200);
      await end(auth, { user, other, admin });
      await expect.poll(() => statusOf(orders, user.accessToken), { timeout: 1_000, interval: 10 }).toBe(401);
    });
  });

  it("leaves the tokens of everybody else as they were", async () => {
    const { auth } = platform.origins;
    const [user, stranger] = [await registerAt(auth), await registerAt(auth)];
    await post(`${auth}/auth/logout`, {}, user.accessToken);
    await expect.poll(() => statusOf(orders, user.accessToken), { timeout: 1_000, interval: 10 }).toBe(401);
    expect(await statusOf(orders, stranger.accessToken)).toBe(200);
  });

  if (kind === "pglite") return;

  /** Has products call inventory for an administrator who was never there before, so that it needs a new token. */
  async function create(): Promise<number> {
    const { auth, products } = platform.origins;
    const tea = { name: "Tea", price: { amount: 100, currency: "EUR" }, stock: 1 };
    const { accessToken } = await signInAt(auth, demoAdmin);
    return (await post(`${products}/trpc/create`, tea, accessToken)).status;
  }

  it("of a service's keys, by the command, is nothing that the running service would notice", async () => {
    for (let times = 0; times < 2; times += 1) {
      expect(await create()).toBe(200);
      await command(["rotate", "products", "--now"], url() ?? "", files.folder);
    }
    expect(await create()).toBe(200);
  });

  it("of a service, by the command, ends its calls at the others and its new tokens", async () => {
    expect(await create()).toBe(200);
    await command(["disable", "products"], url() ?? "", files.folder);
    await expect.poll(create, { timeout: 2_000, interval: 20 }).toBe(503);
  });
});

/** Runs `npm run services` in a process of its own, as an operator does. */
async function command(args: readonly string[], databaseUrl: string, dataDir: string): Promise<void> {
  const main = fileURLToPath(new URL("../../auth/src/cli/services.ts", import.meta.url));
  const env = { PATH: process.env["PATH"], DATABASE_URL: databaseUrl, DATA_DIR: dataDir };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(child, "exit");
  expect(status).toBe(0);
}
