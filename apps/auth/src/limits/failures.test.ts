import type { OpenDatabase } from "@countersign/database";
import { createMemoryStore, type LimitStore, LimitStoreError } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { setReadOnly } from "../../test/read-only.ts";
import { post, registerUser } from "../../test/requests.ts";

const password = "correct horse";

describeDatabases("attempts that fail on our side", { migrations }, (open, { url }) => {
  let database: OpenDatabase;
  let test: TestAuth;
  beforeAll(async () => {
    database = await open();
    const sizes = new Map([
      ["auth.register/account", { calls: 2, perSeconds: 900 }],
      ["auth.register/address", { calls: 40, perSeconds: 900 }],
    ]);
    test = await openTestAuth(database, { limits: { store: createMemoryStore(), sizes } });
  });

  const login = (email: string, tried = password) =>
    post(test.app, "/auth/login", { json: { email, password: tried, mode: "bearer" } });
  const statuses = async (count: number, work: () => Promise<{ status: number }>) => {
    const all = new Set<number>();
    for (let tries = 0; tries < count; tries += 1) all.add((await work()).status);
    return [...all];
  };
  async function whileReadOnly(work: () => Promise<void>): Promise<void> {
    await setReadOnly(database, url(), true);
    try {
      await work();
    } finally {
      await setReadOnly(database, url(), false);
    }
  }

  it("lock nobody out: the password, right or wrong, while nothing can be written", async () => {
    const { user } = await registerUser(test.app, someEmail());
    const { email } = user;
    test.clock.advance(3600); // an account that has just changed has its count anew, once
    await whileReadOnly(async () => {
      expect(await statuses(12, () => login(email))).toEqual([503]);
      expect(await statuses(12, () => login(email, "wrong"))).toEqual([503]); // as little is learned as of the right one
    });
    expect((await login(email)).status).toBe(200);
    expect(await statuses(10, () => login(email, "wrong"))).toEqual([401]);
    expect(await statuses(2, () => login(email, "wrong"))).toEqual([429]);
  });

  it("take no registration and no change of a password", async () => {
    const { user, accessToken } = await registerUser(test.app, someEmail());
    const email = someEmail();
    const register = () => post(test.app, "/auth/register", { json: { email, password, mode: "bearer" } });
    const headers = { authorization: `Bearer ${accessToken}` };
    const change = (currentPassword: string) =>
      post(test.app, "/trpc/changePassword", { json: { currentPassword, newPassword: "battery staple" }, headers });
    await whileReadOnly(async () => {
      expect(await statuses(4, register)).toEqual([503]);
      expect(await statuses(6, () => change(password))).toEqual([503]);
      expect(await statuses(6, () => change("wrong"))).toEqual([503]);
    });
    expect((await register()).status).toBe(200);
    expect((await change(password)).status).toBe(200);
    expect((await login(user.email, "battery staple")).status).toBe(200);
  });

  it("make no account whose tokens cannot be signed", async () => {
    const { deps } = test.auth;
    const json = { email: someEmail(), password, mode: "bearer" };
    const ring: { signer: typeof deps.keys.signer } = deps.keys;
    const { signer } = ring;
    ring.signer = () => ({
      ...signer(),
      sign: () => {
        throw new Error("The key cannot sign.");
      },
    });
    expect((await post(test.app, "/auth/register", { json })).status).toBe(500);
    ring.signer = signer;
    expect((await post(test.app, "/auth/register", { json })).status).toBe(200);
  });

  it("give back what was counted before the store of limits failed", async () => {
    const counts = createMemoryStore();
    let calls = 0;
    const store: LimitStore = {
      ...counts,
      add: (key, count, seconds) =>
        key.includes("/account") && count > 0 && ++calls <= 4
          ? Promise.reject(new LimitStoreError("Not now."))
          : counts.add(key, count, seconds),
    };
    const sizes = new Map([["auth.login/address", { calls: 3, perSeconds: 900 }]]);
    const own = await openTestAuth(database, { limits: { store, sizes } });
    const { user } = await registerUser(test.app, someEmail());
    const attempt = () => post(own.app, "/auth/login", { json: { email: user.email, password, mode: "bearer" } });
    expect(await statuses(4, attempt)).toEqual([503]);
    expect((await attempt()).status).toBe(200);
  });
});
