import { openDatabase } from "@countersign/database";
import { describePostgres } from "@countersign/testing";
import { expect, it } from "vitest";
import { createOAuthClient, exchangeFields } from "../test/oauth-client.ts";
import { migrations, openTestAuth, someEmail } from "../test/open-test-auth.ts";
import { post, registerUser } from "../test/requests.ts";

describePostgres("auth without its database", { migrations }, (open, url) => {
  it("says that it cannot decide, and takes nobody's session away", async () => {
    const database = await openDatabase(url());
    const { app } = await openTestAuth(database);
    const { user, accessToken, refreshToken } = await registerUser(app, someEmail());
    await database.close();

    const cookie = { cookie: `refresh_token=${refreshToken}` };
    const bearer = { authorization: `Bearer ${accessToken}` };
    const answers = await Promise.all([
      post(app, "/auth/login", { json: { email: user.email, password: "correct horse" } }),
      post(app, "/auth/register", { json: { email: someEmail(), password: "correct horse" } }),
      post(app, "/auth/refresh", { headers: cookie }),
      post(app, "/auth/logout", { headers: cookie }),
      post(app, "/auth/verify", { json: { token: accessToken } }),
      post(app, "/trpc/logoutEverywhere", { headers: { ...bearer, "content-type": "application/json" } }),
    ]);
    for (const { status, cookies, body } of answers) {
      expect([status, cookies]).toEqual([503, []]);
      expect(body).toMatchObject({ error: { data: { code: "SERVICE_UNAVAILABLE" } } });
    }
    const visit = await app.request("/auth/continue?to=/orders", { headers: cookie });
    expect([visit.status, visit.headers.get("location")]).toEqual([303, "/orders"]);
    expect(visit.headers.getSetCookie()).toEqual(["continued=1; Max-Age=10; Path=/; HttpOnly; SameSite=Lax"]);
    expect((await app.request("/trpc/me", { headers: bearer })).status).toBe(503);
    expect((await app.request("/health/ready")).status).toBe(503);
    expect((await app.request("/.well-known/jwks.json")).status).toBe(200);

    const form = new URLSearchParams({ client_assertion: "garbage", grant_type: "client_credentials" });
    expect((await app.request("/oauth/token", { method: "POST", body: form })).status).toBe(401);
  });

  it("says the same while the server only reads, and writes again as soon as one does", async () => {
    const database = await openDatabase(url(), { applicationName: "reads-only" });
    const test = await openTestAuth(database);
    const { app } = test;
    const { user, accessToken, refreshToken } = await registerUser(app, someEmail());
    const orders = await createOAuthClient(test, "orders");
    const readiness = async () => {
      const answer = await app.request("/health/ready");
      return [answer.status, await answer.json()];
    };
    expect(await readiness()).toMatchObject([200, { checks: { database: "ok" } }]);

    const admin = await open();
    const name = new URL(url()).pathname.slice(1);
    await admin.query(`alter database ${name} set default_transaction_read_only = on`);
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'reads-only'");
    const readOnly = [503, { checks: { database: "read_only" } }];
    await expect.poll(readiness, { timeout: 5_000 }).toMatchObject(readOnly); // an answer stands for a second

    const bearer = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    const signIn = () => post(app, "/auth/login", { json: { email: user.email, password: "correct horse" } });
    const writes = [
      signIn,
      () => post(app, "/auth/register", { json: { email: someEmail(), password: "correct horse" } }),
      () => post(app, "/auth/refresh", { headers: { cookie: `refresh_token=${refreshToken}` } }),
      () => post(app, "/trpc/logoutEverywhere", { headers: bearer }),
      () => orders.post("/oauth/token", { grant_type: "client_credentials", audience: "inventory" }),
      () => orders.post("/oauth/token", exchangeFields(accessToken, "products")),
    ];
    for (const write of writes) expect((await write()).status).toBe(503);

    await admin.query(`alter database ${name} reset default_transaction_read_only`);
    await signIn(); // the first to meet a connection of before
    expect((await signIn()).status).toBe(200);
    await expect.poll(readiness, { timeout: 5_000 }).toMatchObject([200, { checks: { database: "ok" } }]);
    await database.close();
  });
});
