import { userFacingServices } from "@countersign/access";
import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, tokensOf } from "../../test/requests.ts";
import { disableUser } from "../accounts/change-user.ts";

describeDatabases("signing in over REST", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  it("registers with cookies and no token in the body", async () => {
    const email = someEmail();
    const { status, headers, body, cookies } = await post(test.app, "/auth/register", {
      json: { email: ` ${email.toUpperCase()}`, password: "correct horse" },
    });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({ user: { id: expect.any(String), email, roles: ["user"] }, expiresIn: expect.any(Number) });
    expect(cookies).toHaveLength(4);
    expect(cookies[0]).toMatch(/^auth_token=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookies[1]).toMatch(/^refresh_token=[^;]+; Max-Age=2592000; Path=\/auth; HttpOnly; SameSite=Strict$/);
    expect(cookies[2]).toMatch(/^session_hint=[0-9a-f]{16}\.0\.\d{10}; Max-Age=2592000; Path=\/; SameSite=Lax$/);
    expect(cookies[3]).toMatch(/^known_device=[^;]+; Max-Age=15552000; Path=\/auth; HttpOnly; SameSite=Strict$/);
  });

  it("gives the cookies their prefixes over https", async () => {
    const secure = await openTestAuth(await open(), { issuer: "https://shop.example.com" });
    const { cookies } = await post(secure.app, "/auth/register", {
      json: { email: someEmail(), password: "correct horse" },
    });
    expect(cookies[0]).toMatch(/^__Host-auth_token=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookies[1]).toMatch(/^__Secure-refresh_token=.*; Path=\/auth; HttpOnly; Secure; SameSite=Strict$/);
    expect(cookies[2]).toMatch(/^__Host-session_hint=.*; Path=\/; Secure; SameSite=Lax$/);
    expect(cookies[3]).toMatch(/^__Secure-known_device=.*; Path=\/auth; HttpOnly; Secure; SameSite=Strict$/);
  });

  it("signs in in bearer mode without cookies, with the claims of RFC 9068 and no profile data", async () => {
    const email = someEmail();
    const registered = await registerUser(test.app, email);
    const answer = await post(test.app, "/auth/login", { json: { email, password: "correct horse", mode: "bearer" } });
    expect(answer.cookies).toEqual([]);
    const { accessToken, user, expiresIn } = tokensOf(answer);
    expect(user).toEqual(registered.user);
    expect(expiresIn).toBeGreaterThan(569);
    expect(expiresIn).toBeLessThanOrEqual(600);
    const claims = claimsOf(accessToken);
    expect(claims).toMatchObject({
      iss: "http://localhost:4000",
      sub: user.id,
      client_id: "countersign-web",
      roles: ["user"],
    });
    expect(claims["aud"]).toEqual(userFacingServices);
    expect(JSON.stringify(claims)).not.toContain(email);
  });

  it("says that an address is taken, and names the field", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const answer = await post(test.app, "/auth/register", { json: { email, password: "another horse" } });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ error: { data: { code: "CONFLICT", fields: [{ field: "email" }] } } });
    expect(answer.cookies).toEqual([]);
  });

  it("makes one account of twenty registrations at once", async () => {
    const email = someEmail();
    const json = { email, password: "correct horse", mode: "bearer" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(test.app, "/auth/register", { json })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  it("answers an unknown address, a wrong password and a disabled account alike, after the same work", async () => {
    const { passwords } = test.auth.deps;
    const email = someEmail();
    const admin = await registerUser(test.app, someEmail());
    const disabled = await registerUser(test.app, someEmail());
    await registerUser(test.app, email);
    const from = { requestId: "test-request", address: "192.0.2.1", userAgent: null };
    await disableUser(test.auth.deps, { userId: disabled.user.id, actor: admin.user.id, from });

    const tries = [
      { email: someEmail(), password: "correct horse" },
      { email, password: "wrong horse" },
      { email: disabled.user.email, password: "correct horse" },
    ];
    for (const json of tries) {
      const before = passwords.computed();
      const answer = await post(test.app, "/auth/login", { json });
      expect(passwords.computed() - before).toBe(1);
      expect(answer.status).toBe(401);
      expect(answer.cookies).toEqual([]);
      expect(answer.body).toMatchObject({ error: { message: "The e-mail address or the password is wrong." } });
    }
  });

  it("never looks at an access token that comes along", async () => {
    const headers = { authorization: "Bearer garbage" };
    const email = someEmail();
    const register = await post(test.app, "/auth/register", { headers, json: { email, password: "correct horse" } });
    const login = await post(test.app, "/auth/login", { headers, json: { email, password: "correct horse" } });
    expect([register.status, login.status]).toEqual([200, 200]);
  });

  it.each([
    [{ password: "correct horse" }, "email"],
    [{ email: "no address", password: "correct horse" }, "email"],
    [{ email: "a@example.com", password: "short" }, "password"],
    [{ email: "a@example.com", password: "x".repeat(129) }, "password"],
    [{ email: "a@example.com", password: 12_345_678 }, "password"],
    [{ email: "a@example.com", password: "correct horse", mode: "token" }, "mode"],
    [null, "input"],
  ])("refuses %j and names %s", async (json, field) => {
    const answer = await post(test.app, "/auth/register", { json });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { data: { code: "BAD_REQUEST", fields: [{ field }] } } });
  });

  it("refuses what a form of another site can send, and what is no JSON", async () => {
    const text = JSON.stringify({ email: "a@example.com", password: "correct horse" });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      expect((await send(test, type, text)).status).toBe(400);
    }
    const broken = await send(test, "application/json", '{"password":"secret horse');
    expect(broken.status).toBe(400);
    expect(await broken.text()).not.toContain("secret");
  });

  it("hashes anew at sign-in when the cost has changed", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const dearer = await openTestAuth(await open(), { cost: { memoryCost: 64, timeCost: 2, parallelism: 1 } });
    const json = { email, password: "correct horse" };
    const hashes = async () => {
      const before = dearer.auth.deps.passwords.computed();
      expect((await post(dearer.app, "/auth/login", { json })).status).toBe(200);
      return dearer.auth.deps.passwords.computed() - before;
    };
    expect(await hashes()).toBe(2);
    expect(await hashes()).toBe(1);
  });
});

async function send({ app }: TestAuth, type: string, body: string): Promise<Response> {
  return await app.request("/auth/login", { method: "POST", headers: { "content-type": type }, body });
}
