import { createMemoryStore, type LimitStore, LimitStoreError } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser } from "../../test/requests.ts";

const sizes = new Map();

describeDatabases("auth whose replicas share a store of limits", { migrations }, (open) => {
  let one: TestAuth;
  let two: TestAuth;
  let isDown = false;
  beforeAll(async () => {
    const counts = createMemoryStore();
    const store: LimitStore = {
      ...counts,
      add: (...call) => (isDown ? Promise.reject(new LimitStoreError("Not now.")) : counts.add(...call)),
    };
    [one, two] = [
      await openTestAuth(await open(), { limits: { store, sizes } }),
      await openTestAuth(await open(), { limits: { store, sizes } }),
    ];
  });

  const login = ({ app }: TestAuth, email: string, password: string) =>
    post(app, "/auth/login", { json: { email, password, mode: "bearer" }, address: "192.0.2.1" });

  it("lets ten guesses at one account through, of forty at once", async () => {
    const { user } = await registerUser(one.app, someEmail());
    const guesses = Array.from({ length: 20 }, (_, index) =>
      [one, two].map((replica) => login(replica, user.email, `guess-${index}`)),
    );
    const answers = await Promise.all(guesses.flat());
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    const [refused] = answers.filter(({ status }) => status === 429);
    expect(refused?.headers.get("ratelimit-policy")).toBe('"auth.login/account";q=10;w=900');
    expect(refused?.headers.get("ratelimit")).toMatch(/^"auth\.login\/account";r=0;t=\d+$/);
  });

  it("takes no guesses while it cannot count them, and renews sessions all the same", async () => {
    const email = someEmail();
    const { accessToken, refreshToken } = await registerUser(one.app, email);
    const before = one.auth.deps.passwords.computed();
    isDown = true;
    const headers = { authorization: `Bearer ${accessToken}` };
    const change = { currentPassword: "correct horse", newPassword: "another horse" };
    const refused = [
      await login(one, email, "correct horse"),
      await post(one.app, "/trpc/login", { json: { email, password: "guess" } }),
      await post(one.app, "/auth/register", { json: { email: someEmail(), password: "correct horse" } }),
      await post(one.app, "/trpc/changePassword", { json: change, headers }),
    ];
    for (const { status, body, headers: said } of refused) {
      expect([status, said.get("retry-after")]).toEqual([503, "1"]);
      expect(body).toMatchObject({ error: { data: { code: "SERVICE_UNAVAILABLE" } } });
    }
    expect(one.auth.deps.passwords.computed()).toBe(before);
    const renewed = await post(one.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    expect(renewed.status).toBe(200);
    expect((await one.app.request("/trpc/me", { headers })).status).toBe(200);

    isDown = false;
    expect((await login(one, email, "correct horse")).status).toBe(200);
  });

  it("ends a flood of renewals with what is no session any more, and not those that are", async () => {
    const { refreshToken } = await registerUser(one.app, someEmail());
    const limited = await openTestAuth(await open(), {
      limits: { store: createMemoryStore(), sizes: new Map([["auth.refresh/address", { calls: 5, perSeconds: 60 }]]) },
    });
    const refresh = (token: string, address: string) =>
      post(limited.app, "/auth/refresh", { json: { refreshToken: token, mode: "bearer" }, address });
    const statuses: number[] = [];
    for (let tried = 0; tried < 7; tried++) statuses.push((await refresh(`made-up-${tried}`, "192.0.2.9")).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await refresh(refreshToken, "192.0.2.8")).status).toBe(200);
  });
});
