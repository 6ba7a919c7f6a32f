import { openDatabase } from "@countersign/database";
import { describePostgres } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations, openTestAuth, someEmail } from "../test/open-test-auth.ts";
import { post, registerUser } from "../test/requests.ts";

describePostgres("a database whose schema auth is somebody else's", { migrations: [] }, (open, url) => {
  const [{ folder } = { folder: "" }] = migrations;

  it("is taken with another name for ours, and theirs is left alone", async () => {
    const theirs = await open();
    await theirs.query("create schema auth");
    await theirs.query("create table auth.users (id int)");
    await expect(theirs.migrate("auth", folder)).rejects.toMatchObject({
      code: "schema_taken",
      message: expect.stringContaining("AUTH_SCHEMA"),
    });

    const database = await openDatabase(url(), { schemas: { auth: "countersign_auth" } });
    await database.migrate("auth", folder);
    await database.migrate("auth", folder); // finds its journal
    await database.checkWritable("auth");
    const { app, auth } = await openTestAuth(database);
    const { user, refreshToken, accessToken } = await registerUser(app, someEmail());
    const refreshed = await post(app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    expect(refreshed.status).toBe(200);
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
    expect((await post(app, "/trpc/logoutEverywhere", { headers })).status).toBe(200);
    const verified = await post(app, "/auth/verify", { json: { token: accessToken } });
    expect(verified.body).toMatchObject({ valid: false });
    await database.query('select "auth"."expire_audit"(0)');
    const [row] = await theirs.query("select email from countersign_auth.users");
    expect(row).toEqual({ email: user.email });
    expect(await theirs.query("select * from auth.users")).toEqual([]);
    await auth.chassis.feed.close();
    await database.close();
  });

  it("needs a name without quotes", async () => {
    const opened = openDatabase(url(), { schemas: { auth: 'a"b' } });
    await expect(opened).rejects.toThrow("lower-case letters");
  });
});
