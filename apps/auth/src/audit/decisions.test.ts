import { callProcedure, describeDatabases } from "@countersign/testing";
import { generateSigningKey, importSigningKey, signClientAssertion } from "@countersign/tokens";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, tokensOf } from "../../test/requests.ts";
import { audit, signingKeys } from "../schema.ts";
import { seedUsers } from "../seed.ts";
import { addServiceKey, disableService, retireOldKeys } from "../services/service-keys.ts";
import { sealAudit } from "./seal.ts";
import { verifyAudit } from "./verify.ts";

describeDatabases("every security decision of auth", { migrations }, (open, { kind, openAgain }) => {
  let test: TestAuth;
  const secrets: string[] = [];
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const secret = (text: string) => {
    secrets.push(text);
    return text;
  };
  const keep = <Given extends { accessToken: string; refreshToken: string }>(tokens: Given): Given => {
    secrets.push(tokens.accessToken, tokens.refreshToken);
    return tokens;
  };
  const login = (email: string, password: string, address = "2001:db8:1:2:3:4:5:6") =>
    post(test.app, "/auth/login", { json: { email, password, mode: "bearer" }, address });
  const refresh = (refreshToken: string) =>
    post(test.app, "/auth/refresh", { json: { refreshToken: secret(refreshToken), mode: "bearer" } });
  const mutate = (token: string, path: string, input?: unknown) =>
    callProcedure(test.app, path, { type: "mutation", token, ...(input === undefined ? {} : { input }) });

  async function users(): Promise<void> {
    const [email, password, next] = [someEmail(), secret("the first password"), secret("the second password")];
    keep(await registerUser(test.app, email, password));
    await post(test.app, "/auth/register", { json: { email, password, mode: "bearer" } });
    await login(email, secret("a wrong password"));
    await login(someEmail(), secret("a password of nobody"));
    const first = keep(tokensOf(await login(email, password)));
    const second = keep(tokensOf(await login(email, password)));
    const renewed = keep(tokensOf(await refresh(second.refreshToken)));
    test.clock.advance(11);
    await refresh(second.refreshToken);
    await refresh(renewed.refreshToken);
    await refresh("nothing.that.was.issued");
    await mutate(first.accessToken, "changePassword", { currentPassword: password, newPassword: next });
    await mutate(first.accessToken, "keys.rotate");
    await mutate("made.up.token", "keys.rotate");
    await mutate(first.accessToken, "logout");
    await mutate(first.accessToken, "logout");
    const last = keep(tokensOf(await login(email, next)));
    await mutate(last.accessToken, "logoutEverywhere");
  }

  async function administration(): Promise<void> {
    const [email, password] = [someEmail(), secret("an administrator's")];
    await seedUsers(test.auth, [{ email, password, roles: ["admin"] }]);
    const { user } = keep(await registerUser(test.app, someEmail(), password));
    const admin = keep(tokensOf(await login(email, password)));
    await mutate(admin.accessToken, "users.setRoles", { userId: user.id, roles: ["admin"] });
    await mutate(admin.accessToken, "users.disable", { userId: user.id });
    await mutate(admin.accessToken, "keys.rotate");
    const [key] = await test.auth.deps.db.select({ kid: signingKeys.kid }).from(signingKeys);
    await mutate(admin.accessToken, "keys.revoke", { kid: key?.kid });
  }

  async function services(): Promise<void> {
    const { db } = test.auth.deps;
    const change = { actor: "test", at: test.clock.now() };
    const { publicJwk, privateJwk } = await generateSigningKey("EdDSA");
    const retired = await generateSigningKey("EdDSA");
    await addServiceKey(db, { service: "orders", publicJwk: retired.publicJwk }, { ...change, at: change.at - 1 });
    await addServiceKey(db, { service: "orders", publicJwk }, change);
    await retireOldKeys(db, "orders", { ...change, keep: 1 });
    const key = await importSigningKey(privateJwk);
    const assertion = await signClientAssertion({ clientId: "orders", audience: publicUrl, key, now: test.clock.now });
    const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    const grant = { grant_type: "client_credentials", client_assertion_type, audience: "inventory" };
    for (const client_assertion of [assertion, assertion, "forged"]) {
      const body = new URLSearchParams({ ...grant, client_assertion: secret(client_assertion) });
      const answer: unknown = await (await test.app.request("/oauth/token", { method: "POST", body })).json();
      secrets.push(Object(answer).access_token ?? "no token");
    }
    await disableService(db, "orders", change);
  }

  it("is in the log with its reason, and no password, token or assertion is", async () => {
    await users();
    await administration();
    await services();
    await test.auth.chassis.feed.close(); // what was refused is counted by the minute, and written down at the end
    const { db, auditKeys } = test.auth.deps;
    const rows = await db.select().from(audit);
    const lines = new Set(rows.map(({ action, outcome, reason }) => `${action} ${outcome} ${reason ?? ""}`.trim()));
    expect([...lines]).toEqual(
      expect.arrayContaining([
        "account.registered allowed",
        "account.registered refused email_taken",
        "session.started allowed",
        "session.started refused bad_password",
        "session.started refused unknown_email",
        "session.refreshed allowed",
        "session.ended refused reuse",
        "session.ended allowed logout",
        "sessions.ended allowed logout_everywhere",
        "password.changed allowed",
        "user.roles_changed allowed",
        "user.disabled allowed",
        "key.created allowed",
        "key.revoked allowed",
        "service.key_added allowed",
        "service.keys_retired allowed",
        "service.disabled allowed",
        "token.issued allowed",
        "token.issued refused assertion_replayed",
        "call.denied refused wrong_permission",
        "call.denied refused session_ended",
        "call.denied refused not_issued",
        "call.denied refused revoked",
      ]),
    );
    const refreshed = rows.find(({ action }) => action === "session.refreshed");
    expect(refreshed).toMatchObject({ actor: expect.any(String), requestId: expect.any(String), address: "192.0.2.1" });
    expect(rows.map(({ address }) => address)).toContain("2001:db8:1:2::/64");
    const written = JSON.stringify(rows);
    for (const text of [...secrets, "argon2", "3:4:5:6"]) expect(written).not.toContain(text);
    expect(await verifyAudit(db, { keys: auditKeys })).toMatchObject({
      pending: 0,
      broken: null,
      checked: rows.length,
    });
  });

  // PGlite has one process.
  if (kind === "pglite") return;
  it("is sealed once by any number of processes, while others are being written", async () => {
    const again = await openAgain();
    const other = await openTestAuth(again);
    const working = Array.from({ length: 30 }, () => registerUser(other.app, someEmail()));
    const sealing = Array.from({ length: 10 }, async (_, index) => {
      const { db, auditKeys } = index % 2 === 0 ? test.auth.deps : other.auth.deps;
      for (let round = 0; round < 10; round += 1) await sealAudit({ db, auditKeys });
    });
    await Promise.all([...working, ...sealing]);
    await sealAudit(other.auth.deps);
    const { auditKeys } = test.auth.deps;
    expect(await verifyAudit(again.db, { keys: auditKeys })).toMatchObject({ pending: 0, broken: null });
    await other.auth.chassis.feed.close();
    await again.close();
  });
});
