import { callProcedure, describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { visit } from "../../test/forms.ts";
import { readMailbox, tokenIn } from "../../test/mailbox.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens } from "../../test/requests.ts";
import { audit, users } from "../schema.ts";
import { links } from "../schema-links.ts";
import { mails } from "../schema-mail.ts";

const newPassword = "a fresh password";
const over = { code: "NOT_FOUND", fields: [{ field: "token", problem: expect.any(String) }] };

describeDatabases("a new password by mail", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
  });

  const ask = (email: string, headers: Record<string, string> = {}) =>
    post(test.app, "/auth/reset", { json: { email }, headers });
  const confirm = (token: string, password = newPassword) =>
    post(test.app, "/auth/reset/confirm", { json: { token, newPassword: password } });
  const login = async (email: string, password: string) =>
    (await post(test.app, "/auth/login", { json: { email, password, mode: "bearer" } })).status;
  const me = async ({ accessToken: token }: Tokens) =>
    (await callProcedure(test.app, "me", { type: "query", token })).status;
  const tokenFor = async (email: string) => {
    test.clock.advance(1);
    await ask(email);
    return tokenIn(await readMailbox(test, email), "/auth/reset");
  };
  const auditOf = (subject: string, action: string) =>
    test.auth.deps.db
      .select()
      .from(audit)
      .where(and(eq(audit.subject, subject), eq(audit.action, action)));

  it("goes by pages without a script: the address, the mail, the password", async () => {
    const email = someEmail();
    const session = await registerUser(test.app, email);
    const page = await visit(test.app, "/auth/reset");
    expect(page.text).toContain('<form method="post" action="/auth/reset">');
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    );
    const asked = await visit(test.app, "/auth/reset", { form: { email } });
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining("Look into your mailbox")]);
    const token = tokenIn(await readMailbox(test, email), "/auth/reset");

    const link = await visit(test.app, `/auth/reset?token=${token}`);
    expect(link.headers.get("cache-control")).toBe("no-store");
    expect(link.text).toContain(`name="token" type="hidden" value="${token}"`);
    const tooShort = await visit(test.app, "/auth/reset/confirm", { form: { token, newPassword: "short" } });
    expect([tooShort.status, tooShort.text]).toEqual([400, expect.stringContaining(`value="${token}"`)]);
    const done = await visit(test.app, "/auth/reset/confirm", { form: { token, newPassword } });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining("Your password was changed")]);
    expect([await me(session), await login(email, "correct horse"), await login(email, newPassword)]).toEqual([
      401, 401, 200,
    ]);
  });

  it("goes by JSON and by the procedures, ends every session, and is written down", async () => {
    const email = someEmail();
    const sessions = [await registerUser(test.app, email), await registerUser(test.app, someEmail())] as const;
    const { id } = sessions[0].user;
    const input = { email: ` ${email.toUpperCase()}` };
    const asked = await callProcedure(test.app, "passwordReset.request", { type: "mutation", input });
    expect(asked.data).toEqual({ ok: true });
    const token = tokenIn(await readMailbox(test, email), "/auth/reset");
    const confirmed = await callProcedure(test.app, "passwordReset.confirm", {
      type: "mutation",
      input: { token, newPassword },
    });
    expect(confirmed.data).toEqual({ sessionsEnded: 1 });
    expect([await me(sessions[0]), await me(sessions[1])]).toEqual([401, 200]);
    expect(await auditOf(id, "password.reset_requested")).toMatchObject([{ outcome: "allowed" }]);
    expect(await auditOf(id, "password.reset")).toMatchObject([
      { outcome: "allowed", actor: id, detail: { by: "mail" } },
    ]);
    const subjects = (await readMailbox(test, email)).map(({ subject }) => subject);
    expect(subjects).toContain("Your password was changed");
    const [user] = await test.auth.deps.db.select().from(users).where(eq(users.id, id));
    expect(user?.verifiedAt).toEqual(new Date(test.clock.now()));
  });

  it("is not used up by programs that follow the link, however often", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const token = await tokenFor(email);
    for (let visits = 0; visits < 3; visits += 1) await visit(test.app, `/auth/reset?token=${token}`);
    expect((await confirm(token)).status).toBe(200);
  });

  it("is won by exactly one of fifty uses of a link at once", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const token = await tokenFor(email);
    const passwords = Array.from({ length: 50 }, (_, index) => `password number ${index}`);
    const answers = await Promise.all(passwords.map((password) => confirm(token, password)));
    const won = passwords.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(49);
    expect(await login(email, won[0] ?? "")).toBe(200);
  });

  it("refuses a link that was used, one beside it, and one that is too old, all alike", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    const [first, second] = [await tokenFor(email), await tokenFor(email)];
    expect((await confirm(first)).status).toBe(200);
    const replayed = await confirm(first, "another password");
    expect(replayed).toMatchObject({ status: 404, body: { error: { data: over } } });
    expect(await confirm(second, "another password")).toMatchObject({ status: 404, body: { error: { data: over } } });
    const third = await tokenFor(email);
    test.clock.advance(30 * 60);
    expect(await confirm(third, "another password")).toMatchObject({ status: 404, body: { error: { data: over } } });
    expect((await visit(test.app, `/auth/reset?token=${third}`)).text).toContain("expired or was used");
    expect(await login(email, newPassword)).toBe(200);
  });

  it("refuses tokens that were made up or put together", async () => {
    const [mine, theirs] = [someEmail(), someEmail()];
    await registerUser(test.app, mine);
    const victim = await registerUser(test.app, theirs);
    const [id, mac] = (await tokenFor(mine)).split(".");
    const [theirId] = (await tokenFor(theirs)).split(".");
    const stored = await test.auth.deps.db.select().from(links).where(eq(links.userId, victim.user.id));
    const made = [
      `${theirId}.${mac}`,
      `${id}.`,
      `${theirId}.${"A".repeat(43)}`,
      `${theirId}`,
      victim.accessToken.slice(0, 120),
      "'; drop",
    ];
    for (const token of made)
      expect(await confirm(token)).toMatchObject({ status: 404, body: { error: { data: over } } });
    expect(JSON.stringify(stored)).not.toContain(mac);
    expect(await login(theirs, "correct horse")).toBe(200);
  });

  it.each(["disabled", "deleted", "moved"] as const)(
    "does nothing for an account that is %s by then",
    async (state) => {
      const email = someEmail();
      const { user } = await registerUser(test.app, email);
      const token = await tokenFor(email);
      const { db } = test.auth.deps;
      const isUser = eq(users.id, user.id);
      if (state === "deleted") await db.delete(users).where(isUser);
      else
        await db
          .update(users)
          .set(state === "moved" ? { email: someEmail() } : { status: "disabled" })
          .where(isUser);
      expect(await confirm(token)).toMatchObject({ status: 404, body: { error: { data: over } } });
      const before = (await readMailbox(test, email)).length;
      expect((await ask(email)).status).toBe(200);
      expect(await readMailbox(test, email)).toHaveLength(before);
    },
  );

  it("leads to the public origin, whatever host the request names", async () => {
    const email = someEmail();
    await registerUser(test.app, email);
    await ask(email, {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      origin: "https://evil.example",
      forwarded: "host=evil.example",
    });
    const texts = (await readMailbox(test, email)).map(({ text }) => text).join("");
    expect(texts).toContain("\nhttp://localhost:4000/auth/reset?token=");
    expect(texts).not.toContain("evil");
  });

  it("answers and stores the same for an address without an account, and sends nothing there", async () => {
    const [known, unknown] = [someEmail(), someEmail()];
    await registerUser(test.app, known);
    const answers = [await ask(known), await ask(unknown)];
    const [one, two] = answers.map(({ status, body }) => ({ status, body }));
    expect(one).toEqual(two);
    const { db } = test.auth.deps;
    const stored = async (address: string) => {
      const isAsked = and(eq(mails.recipient, address), eq(mails.template, "password_reset"));
      const [row] = await db.select().from(mails).where(isAsked);
      return { ...row, id: null, recipient: null, params: Object.keys(row?.params ?? {}) };
    };
    expect(await stored(known)).toEqual(await stored(unknown));
    expect(await readMailbox(test, unknown)).toEqual([]);
  });

  it.each([
    "victim@example.com\r\nBcc: evil@example.com",
    "victim@example.com, evil@example.com",
    "victim@example.com>\nTo: evil@example.com",
    '"Victim" <victim@example.com>',
    "victim@example.com%0ABcc:evil@example.com",
    "undisclosed:victim@example.com;",
  ])("takes no header in an address: %j", async (email) => {
    expect((await ask(email)).status).toBe(400);
    expect((await visit(test.app, "/auth/reset", { form: { email } })).status).toBe(400);
  });

  it("shows what a form held escaped", async () => {
    const token = '"><script>alert(1)</script>';
    const { status, text } = await visit(test.app, "/auth/reset/confirm", { form: { token, newPassword } });
    expect(status).toBe(404);
    expect(text).not.toContain("<script>");
    expect((await visit(test.app, `/auth/reset?token=${encodeURIComponent(token)}`)).text).not.toContain("<script>");
  });

  it("limits mails by account and by address, known or not alike", async () => {
    const counts = async (email: string, address: string) => {
      const statuses: number[] = [];
      for (let times = 0; times < 6; times += 1)
        statuses.push((await post(test.app, "/auth/reset", { json: { email }, address })).status);
      return statuses;
    };
    const known = someEmail();
    await registerUser(test.app, known);
    const fiveThenNone = [200, 200, 200, 200, 200, 429];
    expect(await counts(known, "198.51.100.1")).toEqual(fiveThenNone);
    expect(await counts(someEmail(), "198.51.100.2")).toEqual(fiveThenNone);
    const statuses = await Promise.all(
      Array.from({ length: 31 }, () =>
        post(test.app, "/auth/reset", { json: { email: someEmail() }, address: "198.51.100.3" }),
      ),
    );
    expect(statuses.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it("signs the browser out that was signed in, as every other", async () => {
    const email = someEmail();
    const session = await registerUser(test.app, email);
    const token = await tokenFor(email);
    const input = { token, newPassword };
    const done = await callProcedure(test.app, "passwordReset.confirm", {
      type: "mutation",
      token: session.accessToken,
      input,
    });
    expect(done.status).toBe(200);
    expect(await me(session)).toBe(401);
    expect(claimsOf(session.accessToken)["sub"]).toBe(session.user.id);
  });
});

describeDatabases("mail without a server", { migrations }, (open) => {
  it("is read on a page in development, from this machine and under the public name alone", async () => {
    const test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
    const email = someEmail();
    await registerUser(test.app, email);
    await post(test.app, "/auth/reset", { json: { email } });
    const token = tokenIn(await readMailbox(test, email), "/auth/reset");
    const page = await visit(test.app, "/auth/dev/mails", { address: "127.0.0.1" });
    expect(page.text).toContain(`<a href="http://localhost:4000/auth/reset?token=${token}">`);
    const elsewhere = await visit(test.app, "/auth/dev/mails", { address: "192.0.2.1" });
    const rebound = await visit(test.app, "/auth/dev/mails", {
      address: "127.0.0.1",
      headers: { "x-forwarded-host": "evil.example" },
    });
    expect([elsewhere.status, rebound.status]).toEqual([404, 404]);
  });

  it("is off in production, and says so", async () => {
    const test = await openTestAuth(await open());
    const asked = await post(test.app, "/auth/reset", { json: { email: someEmail() } });
    expect(asked).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining("administrator") } },
    });
    expect((await visit(test.app, "/auth/dev/mails", { address: "127.0.0.1" })).status).toBe(404);
  });
});
