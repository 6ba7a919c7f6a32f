import { openDatabase } from "@countersign/database";
import { describePostgres } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations, openTestAuth, someEmail } from "../test/open-test-auth.ts";
import { post, registerUser } from "../test/requests.ts";

describePostgres("auth without its database", { migrations }, (_open, url) => {
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
});
