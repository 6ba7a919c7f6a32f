import { callProcedure, describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { visit } from "../../test/forms.ts";
import { readMailbox, tokenIn } from "../../test/mailbox.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, tokensOf } from "../../test/requests.ts";
import { audit, users } from "../schema.ts";
import { links } from "../schema-links.ts";
import { mails } from "../schema-mail.ts";

const password = "correct horse";
const link = "/auth/register/confirm";

describeDatabases("a registration that a mail confirms", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" }, confirmsRegistration: true });
  });

  const register = (email: string, chosen = password) =>
    post(test.app, "/auth/register", { json: { email, password: chosen, mode: "bearer" } });
  const confirm = (token: string, given = password) =>
    post(test.app, link, { json: { token, password: given, mode: "bearer" } });
  const accounts = (email: string) => test.auth.deps.db.select().from(users).where(eq(users.email, email));
  const tokenFor = async (email: string, chosen = password) => {
    test.clock.advance(1);
    await register(email, chosen);
    return tokenIn(await readMailbox(test, email), link);
  };
  const made = async (email: string) => tokensOf(await confirm(await tokenFor(email)));

  it("makes no account before, and then one whose mailbox is proved", async () => {
    const email = someEmail();
    const asked = await register(email);
    expect(asked).toMatchObject({ status: 200, body: { confirmBy: "mail" }, cookies: [] });
    expect(await accounts(email)).toEqual([]);
    expect((await post(test.app, "/auth/login", { json: { email, password } })).status).toBe(401);
    const token = tokenIn(await readMailbox(test, email), link);
    expect((await visit(test.app, `${link}?token=${token}`)).text).toContain(`value="${token}"`);
    const { user, accessToken } = tokensOf(await confirm(token));
    expect(user).toMatchObject({ email, roles: ["user"] });
    const me = await callProcedure(test.app, "me", { type: "query", token: accessToken });
    expect(me.data).toEqual({ ...user, emailVerified: true });
    expect((await readMailbox(test, email)).map(({ subject }) => subject)).toEqual(["Confirm your registration"]);
  });

  it("goes by a page, which signs the browser in, and by the procedures", async () => {
    const email = someEmail();
    const token = await tokenFor(email);
    const wrong = await visit(test.app, link, { form: { token, password: "wrong horse" } });
    expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining("not the one that was chosen")]);
    const done = await visit(test.app, link, { form: { token, password } });
    expect([done.status, done.headers.getSetCookie().length]).toEqual([200, 4]);
    const other = someEmail();
    const input = { email: other, password, mode: "bearer" };
    expect((await callProcedure(test.app, "register", { type: "mutation", input })).data).toEqual({
      confirmBy: "mail",
    });
    const confirmed = await callProcedure(test.app, "registration.confirm", {
      type: "mutation",
      input: { token: tokenIn(await readMailbox(test, other), link), password, mode: "bearer" },
    });
    expect(confirmed.data).toMatchObject({ user: { email: other } });
  });

  it("answers and stores the same for a known address, and tells its mailbox alone", async () => {
    const [known, unknown] = [someEmail(), someEmail()];
    await made(known);
    test.clock.advance(3600);
    const before = await accounts(known);
    const [one, two] = [await register(known, "another horse"), await register(unknown, "another horse")];
    expect({ status: one.status, body: one.body, cookies: one.cookies }).toEqual({
      status: two.status,
      body: two.body,
      cookies: two.cookies,
    });
    const { db } = test.auth.deps;
    const stored = async (email: string) => {
      const [mail] = await db
        .select()
        .from(mails)
        .where(and(eq(mails.recipient, email), eq(mails.createdAt, new Date(test.clock.now()))));
      const [waiting] = await db
        .select()
        .from(links)
        .where(and(eq(links.email, email), eq(links.createdAt, new Date(test.clock.now()))));
      return [
        { ...mail, id: 0, recipient: 0, params: 0 },
        { ...waiting, id: 0, email: 0, passwordHash: typeof waiting?.passwordHash },
      ];
    };
    expect(await stored(known)).toEqual(await stored(unknown));
    const subjects = (await readMailbox(test, known)).map(({ subject }) => subject);
    expect(subjects).toEqual(["Confirm your registration", "You have an account already"]);
    expect(await accounts(known)).toEqual(before);
  });

  it("gives nobody an account to which a stranger has the password", async () => {
    const email = someEmail();
    const token = await tokenFor(email, "the stranger's horse");
    expect((await confirm(token, password)).status).toBe(403);
    const own = await tokenFor(email);
    expect((await confirm(own)).status).toBe(200);
    expect((await confirm(token, "the stranger's horse")).status).toBe(404);
    const { status } = await post(test.app, "/auth/login", { json: { email, password: "the stranger's horse" } });
    expect(status).toBe(401);
  });

  it("limits guesses of the password behind a link", async () => {
    const token = await tokenFor(someEmail());
    const statuses: number[] = [];
    for (let guesses = 0; guesses < 11; guesses += 1)
      statuses.push((await confirm(token, `guess number ${guesses}`)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
  });

  it("makes one account of fifty uses of a link at once", async () => {
    const email = someEmail();
    const token = await tokenFor(email);
    const statuses = (await Promise.all(Array.from({ length: 50 }, () => confirm(token)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 404, 429].includes(status))).toEqual([]);
    expect(await accounts(email)).toHaveLength(1);
    expect((await confirm(token)).status).toBe(404);
  });

  it("refuses a link that is too old, and one for another purpose", async () => {
    const email = someEmail();
    const token = await tokenFor(email);
    expect((await post(test.app, "/auth/email/verify", { json: { token, password } })).status).toBe(404);
    expect(
      (await post(test.app, "/auth/reset/confirm", { json: { token, newPassword: "a fresh password" } })).status,
    ).toBe(404);
    test.clock.advance(3600);
    expect((await confirm(token)).status).toBe(404);
    expect((await visit(test.app, `${link}?token=${token}`)).status).toBe(404);
    expect(await accounts(email)).toEqual([]);
  });
});

describeDatabases("proof of a mailbox", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
  });

  const verify = (token: string, given = password) =>
    post(test.app, "/auth/email/verify", { json: { token, password: given } });
  const isVerified = async (token: string) => (await callProcedure(test.app, "me", { type: "query", token })).data;

  it("is asked for when an account was made at once, and given by a button and not by a visit", async () => {
    const email = someEmail();
    const { user, accessToken } = await registerUser(test.app, email);
    const token = tokenIn(await readMailbox(test, email), "/auth/email/verify");
    await visit(test.app, `/auth/email/verify?token=${token}`);
    expect(await isVerified(accessToken)).toMatchObject({ emailVerified: false });
    expect((await verify(token, "wrong horse")).status).toBe(403);
    expect(await isVerified(accessToken)).toMatchObject({ emailVerified: false });
    const done = await visit(test.app, "/auth/email/verify", { form: { token, password } });
    expect([done.status, done.headers.getSetCookie()]).toEqual([200, []]);
    expect(await isVerified(accessToken)).toMatchObject({ emailVerified: true });
    expect((await verify(token)).status).toBe(404);
    const isOfUser = and(eq(audit.subject, user.id), eq(audit.action, "email.verified"));
    expect(await test.auth.deps.db.select().from(audit).where(isOfUser)).toMatchObject([
      { outcome: "refused", reason: "bad_password" },
      { outcome: "allowed" },
    ]);
  });

  it("can be asked for again, five times an hour, by the user alone, until it is given", async () => {
    const email = someEmail();
    const { accessToken: token } = await registerUser(test.app, email);
    const again = async () =>
      (await callProcedure(test.app, "email.requestVerification", { type: "mutation", token })).status;
    const statuses: number[] = [];
    for (let times = 0; times < 6; times += 1) statuses.push(await again());
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const asked = async () =>
      (await readMailbox(test, email)).filter(({ subject }) => subject === "Confirm your e-mail address");
    const mailbox = await asked();
    expect(mailbox).toHaveLength(6);
    const confirmed = await callProcedure(test.app, "email.verify", {
      type: "mutation",
      input: { token: tokenIn(mailbox, "/auth/email/verify"), password },
    });
    expect(confirmed.data).toEqual({ ok: true });
    test.clock.advance(3600);
    const { accessToken } = tokensOf(
      await post(test.app, "/auth/login", { json: { email, password, mode: "bearer" } }),
    );
    await callProcedure(test.app, "email.requestVerification", { type: "mutation", token: accessToken });
    expect(await asked()).toHaveLength(6);
  });

  it("counts for the address that the mail went to, and for no other", async () => {
    const email = someEmail();
    const { user, accessToken } = await registerUser(test.app, email);
    const token = tokenIn(await readMailbox(test, email), "/auth/email/verify");
    await test.auth.deps.db.update(users).set({ email: someEmail() }).where(eq(users.id, user.id));
    expect((await verify(token)).status).toBe(404);
    expect(await isVerified(accessToken)).toMatchObject({ emailVerified: false });
  });
});
