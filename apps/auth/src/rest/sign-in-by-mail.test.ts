import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { visit } from "../../test/forms.ts";
import { readMailbox, tokenIn } from "../../test/mailbox.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser as register, tokensOf } from "../../test/requests.ts";
import { users } from "../schema.ts";

const path = "/auth/sign-in/mail";
const confirmPath = `${path}/confirm`;
const ask = (test: TestAuth, email: string) => post(test.app, path, { json: { email } });
const confirm = (test: TestAuth, json: object) => post(test.app, confirmPath, { json: { ...json, mode: "bearer" } });
/** A user whose mailbox is proved. */
async function registerUser({ auth, app, clock }: TestAuth, email: string) {
  const registered = await register(app, email);
  await auth.deps.db
    .update(users)
    .set({ verifiedAt: new Date(clock.now()) })
    .where(eq(users.email, email));
  return registered;
}

describeDatabases("a sign-in by a link in a mail", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" }, signInByMail: "link" });
  });
  const tokenFor = async (email: string) => {
    test.clock.advance(1);
    await ask(test, email);
    return tokenIn(await readMailbox(test, email), path);
  };

  it("goes by pages: the link uses nothing up, the button signs this browser in", async () => {
    const email = someEmail();
    await registerUser(test, email);
    expect((await visit(test.app, path)).text).toContain(`action="${path}"`);
    expect((await visit(test.app, path, { form: { email } })).text).toContain("Look into your mailbox");
    const token = tokenIn(await readMailbox(test, email), path);
    for (let visits = 0; visits < 2; visits += 1) {
      const page = await visit(test.app, `${path}?token=${token}`);
      expect([page.headers.getSetCookie(), page.text]).toEqual([[], expect.stringContaining(`value="${token}"`)]);
    }
    const done = await visit(test.app, confirmPath, { form: { token } });
    expect([done.status, done.headers.getSetCookie().length]).toEqual([200, 4]);
    expect((await visit(test.app, confirmPath, { form: { token } })).status).toBe(404);
  });

  it("goes by the procedures", async () => {
    const email = someEmail();
    const { user } = await registerUser(test, email);
    const asked = await callProcedure(test.app, "mailSignIn.request", { type: "mutation", input: { email } });
    expect(asked.data).toEqual({ request: expect.any(String) });
    const input = { token: tokenIn(await readMailbox(test, email), path), mode: "bearer" };
    const done = await callProcedure(test.app, "mailSignIn.confirm", { type: "mutation", input });
    expect(done.data).toMatchObject({ user });
  });

  it("is won by one of fifty uses at once", async () => {
    const email = someEmail();
    await registerUser(test, email);
    const token = await tokenFor(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(test, { token })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("refuses a link that is too old, of a disabled account, of another purpose, or where a code came instead", async () => {
    const email = someEmail();
    const { user } = await registerUser(test, email);
    const old = await tokenFor(email);
    test.clock.advance(600);
    expect((await confirm(test, { token: old })).status).toBe(404);
    const token = await tokenFor(email);
    expect(
      (await post(test.app, "/auth/reset/confirm", { json: { token, newPassword: "a fresh password" } })).status,
    ).toBe(404);
    const [request = ""] = token.split(".");
    expect((await confirm(test, { request, code: test.auth.deps.linkTokens.code(request) })).status).toBe(400);
    await test.auth.deps.db.update(users).set({ status: "disabled" }).where(eq(users.id, user.id));
    expect((await confirm(test, { token })).status).toBe(404);
  });

  it("leads the owner of a mailbox that nobody proved to a reset, which takes a stranger out", async () => {
    const email = someEmail();
    await register(test.app, email, "the stranger's horse");
    await ask(test, email);
    const mailbox = await readMailbox(test, email);
    expect(() => tokenIn(mailbox, path)).toThrow("no link");
    const reset = { token: tokenIn(mailbox, "/auth/reset"), newPassword: "a fresh password" };
    expect((await post(test.app, "/auth/reset/confirm", { json: reset })).status).toBe(200);
    const strangers = { email, password: "the stranger's horse" };
    expect((await post(test.app, "/auth/login", { json: strangers })).status).toBe(401);
    expect((await confirm(test, { token: await tokenFor(email) })).status).toBe(200);
  });

  it("answers alike for an address without an account, and sends nothing there", async () => {
    const email = someEmail();
    const { status, body } = await ask(test, email);
    expect([status, body]).toEqual([200, { request: expect.any(String) }]);
    expect(await readMailbox(test, email)).toEqual([]);
  });
});

describeDatabases("a sign-in by a code in a mail", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" }, signInByMail: "code" });
  });
  const requestFor = async (email: string) =>
    z.object({ request: z.string() }).parse((await ask(test, email)).body).request;
  const codeFor = async (email: string) => {
    const texts = (await readMailbox(test, email)).map(({ text }) => /^\d{8}$/m.exec(text)?.[0]);
    return texts.findLast((code) => code !== undefined) ?? "";
  };

  it("takes the code that went with the request, once, and no link", async () => {
    const email = someEmail();
    const { user } = await registerUser(test, email);
    const request = await requestFor(email);
    const code = await codeFor(email);
    expect((await confirm(test, { token: test.auth.deps.linkTokens.issue(request, "sign_in") })).status).toBe(400);
    expect(tokensOf(await confirm(test, { request, code })).user).toEqual(user);
    expect((await confirm(test, { request, code })).status).toBe(404);
  });

  it("takes no code of another request, and five tries", async () => {
    const [mine, theirs] = [someEmail(), someEmail()];
    await registerUser(test, mine);
    await registerUser(test, theirs);
    const victim = await requestFor(theirs);
    await requestFor(mine);
    const code = await codeFor(mine);
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await confirm(test, { request: victim, code })).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
    expect((await confirm(test, { request: victim, code: await codeFor(theirs) })).status).toBe(429);
  });

  it("answers a guess alike for an address without an account", async () => {
    const [known, unknown] = [someEmail(), someEmail()];
    await registerUser(test, known);
    const answers = [];
    for (const email of [known, unknown]) {
      const { status, body } = await confirm(test, { request: await requestFor(email), code: "00000000" });
      answers.push({ status, body: z.object({ error: z.object({ message: z.string() }) }).parse(body) });
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it("goes by a page", async () => {
    const email = someEmail();
    await registerUser(test, email);
    const asked = await visit(test.app, path, { form: { email } });
    const [, request = ""] = /name="request" type="hidden" value="([^"]+)"/.exec(asked.text) ?? [];
    const code = await codeFor(email);
    const wrong = await visit(test.app, confirmPath, {
      form: { request, code: code === "12345678" ? "87654321" : "12345678" },
    });
    expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining(`value="${request}"`)]);
    const done = await visit(test.app, confirmPath, { form: { request, code } });
    expect([done.status, done.headers.getSetCookie().length]).toEqual([200, 4]);
  });
});

describeDatabases("a sign-in by mail where it is off", { migrations }, (open) => {
  it("is offered nowhere", async () => {
    const test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
    const input = { email: someEmail() };
    expect((await callProcedure(test.app, "mailSignIn.request", { type: "mutation", input })).status).toBe(404);
    const token = test.auth.deps.linkTokens.issue(crypto.randomUUID(), "sign_in");
    expect((await callProcedure(test.app, "mailSignIn.confirm", { type: "mutation", input: { token } })).status).toBe(
      404,
    );
    expect((await visit(test.app, path)).status).toBe(404);
  });
});
