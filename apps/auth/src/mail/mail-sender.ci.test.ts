import type { OpenDatabase } from "@countersign/database";
import { describeDatabases, describePostgres } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post } from "../../test/requests.ts";
import { startSmtpServer, type TestSmtp } from "../../test/smtp-server.ts";
import { audit } from "../schema.ts";
import { mails } from "../schema-mail.ts";
import type { Patience } from "./smtp-mailer.ts";

const from = { name: "The Shop", address: "no-reply@shop.example.com" };
const lease = 91;

function bySmtp(port: number, patience?: Patience) {
  const server = { host: "127.0.0.1", port, security: "none", user: null, password: null } as const;
  return { kind: "smtp", server, from, ...(patience === undefined ? {} : { patience }) } as const;
}

async function turn({ auth }: TestAuth): Promise<void> {
  await auth.deps.mailSender?.turn();
  await auth.deps.mailSender?.idle();
}

async function queue({ auth, clock }: TestAuth, to: string): Promise<void> {
  await auth.deps.mail?.add(auth.deps.db, { to, template: "password_changed", at: clock.now() });
}

const messageId = (data: string | undefined) => /^Message-ID: (<\S+>)/im.exec(data ?? "")?.[1];

describeDatabases("sending mail", { migrations }, (open) => {
  let smtp: TestSmtp;
  let database: OpenDatabase;
  let test: TestAuth;
  beforeAll(async () => {
    smtp = await startSmtpServer();
    database = await open();
  });
  afterAll(() => smtp.close());
  beforeEach(async () => {
    smtp.refuse(null);
    await database.db.delete(mails);
    test = await openTestAuth(database, { mail: bySmtp(smtp.port) });
  });
  const row = async (to: string) => (await database.db.select().from(mails).where(eq(mails.recipient, to)))[0];
  const arrivedFor = (to: string) => smtp.arrived.filter((mail) => mail.to.includes(to));

  it("hands a mail to the server, from the configured sender, and marks it as written by a machine", async () => {
    const to = someEmail();
    await queue(test, to);
    await turn(test);
    const [mail, ...more] = arrivedFor(to);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ from: from.address, to: [to] });
    expect(mail?.data).toMatch(/^From: The Shop <no-reply@shop.example.com>\r$/m);
    expect(mail?.data).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(messageId(mail?.data)).toBe(`<${(await row(to))?.id}@shop.example.com>`);
    expect(await row(to)).toMatchObject({ outcome: "sent", attempts: 1, kept: null });
    await turn(test);
    expect(arrivedFor(to)).toHaveLength(1);
  });

  it("sends nothing of a transaction that is taken back", async () => {
    const to = someEmail();
    const { db, mail } = test.auth.deps;
    const failing = db.transaction(async (tx) => {
      await mail?.add(tx, { to, template: "password_changed", at: test.clock.now() });
      throw new Error("taken back");
    });
    await expect(failing).rejects.toThrow("taken back");
    await turn(test);
    expect(arrivedFor(to)).toEqual([]);
  });

  it("tries again, later each time, what was not taken for now, with the same Message-ID", async () => {
    const to = someEmail();
    smtp.refuse(451);
    await queue(test, to);
    await turn(test);
    const first = await row(to);
    expect(first).toMatchObject({ outcome: null, attempts: 1, reason: "451 5.1.1" });
    await turn(test);
    expect((await row(to))?.attempts).toBe(1);
    test.clock.advance(7);
    await turn(test);
    expect((await row(to))?.attempts).toBe(2);
    smtp.refuse(null);
    test.clock.advance(7);
    await turn(test);
    expect(arrivedFor(to)).toEqual([]);
    test.clock.advance(7);
    await turn(test);
    expect(arrivedFor(to).map(({ data }) => messageId(data))).toEqual([`<${first?.id}@shop.example.com>`]);
  });

  it("gives up at once what will never be taken, and writes it down without the server's words", async () => {
    const to = someEmail();
    smtp.refuse(550);
    await queue(test, to);
    await turn(test);
    const failed = await row(to);
    expect(failed).toMatchObject({ outcome: "failed", attempts: 1, reason: "550 5.1.1" });
    const lines = await database.db
      .select()
      .from(audit)
      .where(eq(audit.subject, failed?.id ?? ""));
    expect(lines).toMatchObject([
      { action: "mail.failed", reason: "550 5.1.1", detail: { template: "password_changed" } },
    ]);
    expect(JSON.stringify(lines)).not.toContain("example.com");
  });

  it("gives up after a day what nobody took", async () => {
    const to = someEmail();
    smtp.refuse(451);
    await queue(test, to);
    await turn(test);
    test.clock.advance(24 * 3600);
    await turn(test);
    expect(await row(to)).toMatchObject({ outcome: "failed", reason: "451 5.1.1" });
  });

  it("keeps what waits over a restart, and while no server answers", async () => {
    const to = someEmail();
    const down = await openTestAuth(database, { mail: bySmtp(1), now: test.clock.now });
    await queue(test, to);
    await turn(down);
    expect(await row(to)).toMatchObject({ outcome: null, reason: expect.any(String) });
    const restarted = await openTestAuth(database, { mail: bySmtp(smtp.port), now: test.clock.now });
    test.clock.advance(10);
    await turn(restarted);
    expect(arrivedFor(to)).toHaveLength(1);
  });

  it("sends again, under the same Message-ID, what a process had taken that died", async () => {
    const to = someEmail();
    await queue(test, to);
    const taken = { dueAt: new Date(test.clock.now() + 90_000), attempts: 1 };
    await database.db.update(mails).set(taken).where(eq(mails.recipient, to));
    await turn(test);
    expect(arrivedFor(to)).toEqual([]);
    test.clock.advance(lease);
    await turn(test);
    expect(arrivedFor(to)).toHaveLength(1);
    expect(await row(to)).toMatchObject({ outcome: "sent", attempts: 2 });
  });

  it("is held up by no server that says nothing, and holds no request up", async () => {
    const silent = await startSmtpServer({ onConnect: () => undefined });
    const to = someEmail();
    const held = await openTestAuth(database, {
      mail: bySmtp(silent.port, { silence: 30_000, whole: 200 }),
      now: test.clock.now,
    });
    await queue(test, to);
    await held.auth.deps.mailSender?.turn();
    expect((await post(held.app, "/auth/reset", { json: { email: someEmail() } })).status).toBe(200);
    await turn(held);
    expect(await row(to)).toMatchObject({ outcome: null, attempts: 1 });
    await silent.close();
  });

  it("says neither password nor mail where TLS is required and not offered", async () => {
    let passwords = 0;
    const plain = await startSmtpServer({
      allowInsecureAuth: true,
      onAuth(_auth, _session, done) {
        passwords += 1;
        done(null, { user: "shop" });
      },
    });
    const to = someEmail();
    const server = { host: "127.0.0.1", port: plain.port, user: "shop", password: "hunter2" } as const;
    const by = (security: "starttls" | "none") =>
      openTestAuth(database, { mail: { kind: "smtp", server: { ...server, security }, from }, now: test.clock.now });
    await queue(test, to);
    await turn(await by("starttls"));
    expect([passwords, plain.arrived.length]).toEqual([0, 0]);
    expect(await row(to)).toMatchObject({ outcome: null, attempts: 1, reason: "500" });
    test.clock.advance(10);
    await turn(await by("none"));
    expect([passwords, plain.arrived.length]).toEqual([1, 1]);
    await plain.close();
  });

  it("refuses what strangers cause while ten thousand wait", async () => {
    test.auth.deps.mail?.setWaiting(10_000);
    const { status, headers } = await post(test.app, "/auth/reset", { json: { email: someEmail() } });
    expect([status, headers.get("retry-after")]).toEqual([503, "60"]);
  });

  it("removes what was sent after a day, and what failed after thirty", async () => {
    const [sent, failed] = [someEmail(), someEmail()];
    await queue(test, sent);
    await turn(test);
    smtp.refuse(550);
    await queue(test, failed);
    await turn(test);
    const sweep = () => test.auth.deps.mailSender?.sweep();
    test.clock.advance(24 * 3600);
    await sweep();
    expect([await row(sent), (await row(failed))?.outcome]).toEqual([undefined, "failed"]);
    test.clock.advance(29 * 24 * 3600);
    await sweep();
    expect(await row(failed)).toBeUndefined();
  });
});

describePostgres("mail of two processes", { migrations }, (open) => {
  it("goes out once", async () => {
    const smtp = await startSmtpServer();
    const database = await open();
    const one = await openTestAuth(database, { mail: bySmtp(smtp.port) });
    const two = await openTestAuth(database, { mail: bySmtp(smtp.port), now: one.clock.now });
    const addresses = Array.from({ length: 20 }, someEmail);
    for (const address of addresses) await queue(one, address);
    for (let turns = 0; turns < 4; turns += 1) await Promise.all([turn(one), turn(two)]);
    expect(smtp.arrived.flatMap(({ to }) => to).toSorted()).toEqual(addresses.toSorted());
    await smtp.close();
  });
});
