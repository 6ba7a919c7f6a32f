import { describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, type RestAnswer, registerUser, tokensOf } from "../../test/requests.ts";
import { runUsers } from "../../test/run-users.ts";
import { audit, users } from "../schema.ts";

const right = "correct horse";

describeDatabases("an account whose attempts strangers have used up", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { now: Date.now });
  });

  type Held = { readonly cookie?: string; readonly deviceToken?: string; readonly address?: string };
  const signIn = async (email: string, password: string, { cookie, deviceToken, address = "203.0.113.9" }: Held = {}) =>
    post(test.app, "/auth/login", {
      json: { email, password, ...(deviceToken === undefined ? {} : { deviceToken, mode: "bearer" }) },
      headers: cookie === undefined ? {} : { cookie },
      address,
    });
  const guess = async (email: string, times: number, held: Held = {}) => {
    const statuses: number[] = [];
    for (let tried = 0; tried < times; tried += 1) statuses.push((await signIn(email, `guess ${tried}`, held)).status);
    return statuses;
  };
  const unknown = async (email: string) => (await signIn(email, right)).status;

  it("is open to a browser that signed in before, also after signing out, and closed to everyone else", async () => {
    const email = someEmail();
    const registered = await post(test.app, "/auth/register", { json: { email, password: right } });
    const cookie = deviceCookieOf(registered);
    expect(registered.cookies[3]).toMatch(
      /^known_device=[\w.-]+; Max-Age=15552000; Path=\/auth; HttpOnly; SameSite=Strict$/,
    );
    expect(await guess(email, 12)).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect(await unknown(email)).toBe(429);
    const again = await signIn(email, right, { cookie });
    expect(again.status).toBe(200);
    await post(test.app, "/auth/logout", { headers: { cookie: again.cookies[1]?.split(";")[0] ?? "" } });
    expect((await signIn(email, right, { cookie: deviceCookieOf(again) })).status).toBe(200);
  });

  it("is open to a client that sends its device token, and to a session that changes the password", async () => {
    const email = someEmail();
    const tokens = await registerUser(test.app, email);
    const deviceToken = deviceTokenOf(await signIn(email, right, { deviceToken: "" }));
    await guess(email, 10);
    expect(await unknown(email)).toBe(429);
    expect((await signIn(email, right, { deviceToken })).status).toBe(200);
    const json = { currentPassword: right, newPassword: "another horse" };
    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await post(test.app, "/trpc/changePassword", { json, headers })).status).toBe(200);
  });

  it("gives whoever stole the device cookie a bounded number of guesses, and none at another account", async () => {
    const [email, other] = [someEmail(), someEmail()];
    const cookie = deviceCookieOf(await post(test.app, "/auth/register", { json: { email, password: right } }));
    await registerUser(test.app, other);
    const fromAnywhere = (index: number) => ({ cookie, address: `198.51.100.${index}` });
    const statuses: number[] = [];
    for (let index = 0; index < 12; index += 1) statuses.push(...(await guess(email, 1, fromAnywhere(index))));
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect(await unknown(email)).toBe(200);
    await guess(other, 10);
    expect((await signIn(other, right, { cookie })).status).toBe(429);
  });

  it("is not opened by a cookie that nobody issued, which hinders nobody either", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const forged = `known_device=${"A".repeat(43)}.${"B".repeat(16)}.1760000000.${"C".repeat(43)}; known_device=; known_device=x`;
    expect((await signIn(email, right, { cookie: forged })).status).toBe(200);
    await guess(email, 10);
    expect((await signIn(email, right, { cookie: forged })).status).toBe(429);
  });

  it("is open to everyone again once an administrator or a command says so, and counts anew", async () => {
    const email = someEmail();
    const { user } = await registerUser(test.app, email);
    const admin = await registerUser(test.app, someEmail());
    const { db } = test.auth.deps;
    await db
      .update(users)
      .set({ roles: ["user", "admin"] })
      .where(eq(users.id, admin.user.id));
    const { accessToken } = tokensOf(await signIn(admin.user.email, right, { deviceToken: "" }));
    expect(await guess(email, 11)).toEqual([...Array<number>(10).fill(401), 429]);
    const unlock = (authorization: string) =>
      post(test.app, "/trpc/users.unlock", { json: { userId: user.id }, headers: { authorization } });
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // when a window began is told in whole seconds
    expect((await unlock(`Bearer ${accessToken}`)).status).toBe(200);
    expect(await unknown(email)).toBe(200);
    expect(await guess(email, 11)).toEqual([...Array<number>(10).fill(401), 429]);
    expect(await runUsers(await open(), "unlock", email)).toEqual([`${email}: may be signed in to again at once`]);
    expect(await unknown(email)).toBe(200);
    const lines = await db.select().from(audit).where(eq(audit.action, "user.unlocked"));
    expect(lines.map(({ actor, subject }) => [actor, subject])).toEqual([
      [admin.user.id, user.id],
      ["command line", user.id],
    ]);
  });
});

function deviceCookieOf(answer: RestAnswer): string {
  return answer.cookies.find((cookie) => cookie.startsWith("known_device="))?.split(";")[0] ?? "";
}

function deviceTokenOf(answer: RestAnswer): string {
  return z.object({ deviceToken: z.string() }).parse(answer.body).deviceToken;
}
