import { callProcedure, describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { visit } from "../../test/forms.ts";
import { readMailbox, tokenIn } from "../../test/mailbox.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens } from "../../test/requests.ts";
import { audit, users } from "../schema.ts";
import { identities } from "../schema-identities.ts";

const password = "correct horse";
const change = "/auth/email/change";
const undo = "/auth/email/undo";

describeDatabases("the change of an address", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open(), { mail: { kind: "outbox" } });
  });

  const request = ({ accessToken: token }: Tokens, newEmail: string, given = password) =>
    callProcedure(test.app, "email.requestChange", { type: "mutation", token, input: { newEmail, password: given } });
  const use = async (path: string, token: string) => (await post(test.app, path, { json: { token } })).status;
  const login = async (email: string, given = password) =>
    (await post(test.app, "/auth/login", { json: { email, password: given, mode: "bearer" } })).status;
  const me = ({ accessToken: token }: Tokens) => callProcedure(test.app, "me", { type: "query", token });
  const tokenFor = async (tokens: Tokens, newEmail: string) => {
    test.clock.advance(1);
    expect((await request(tokens, newEmail)).status).toBe(200);
    return tokenIn(await readMailbox(test, newEmail), change);
  };
  const move = async (tokens: Tokens, newEmail: string) =>
    expect(await use(change, await tokenFor(tokens, newEmail))).toBe(200);
  const undoTokenOf = async (email: string) => tokenIn(await readMailbox(test, email), undo);

  it("counts once the new mailbox is proved, and the old one is told", async () => {
    const [old, fresh] = [someEmail(), someEmail()];
    const session = await registerUser(test.app, old);
    const token = await tokenFor(session, fresh);
    await visit(test.app, `${change}?token=${token}`);
    expect((await me(session)).data).toMatchObject({ email: old });
    expect((await visit(test.app, change, { form: { token } })).text).toContain("this address now");
    expect((await me(session)).data).toMatchObject({ email: fresh, emailVerified: true });
    expect([await login(old), await login(fresh), await use(change, token)]).toEqual([401, 200, 404]);
    const subjects = (await readMailbox(test, old)).map(({ subject }) => subject);
    expect(subjects).toContain("Your account has another e-mail address now");
    const isOfUser = and(eq(audit.subject, session.user.id), eq(audit.action, "email.changed"));
    expect(await test.auth.deps.db.select().from(audit).where(isOfUser)).toMatchObject([{ outcome: "allowed" }]);
  });

  it("needs the password, and guesses count", async () => {
    const session = await registerUser(test.app, someEmail());
    const statuses: number[] = [];
    for (let guesses = 0; guesses < 6; guesses += 1)
      statuses.push((await request(session, someEmail(), "wrong horse")).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  it("tells nobody whether the new address has an account", async () => {
    const session = await registerUser(test.app, someEmail());
    const taken = someEmail();
    await registerUser(test.app, taken);
    const before = (await readMailbox(test, taken)).length;
    const [one, two] = [await request(session, taken), await request(session, someEmail())];
    expect([one.status, one.data]).toEqual([two.status, two.data]);
    expect(await readMailbox(test, taken)).toHaveLength(before);
  });

  it("does not happen when the address was taken meanwhile, or the password replaced by its owner", async () => {
    const [session, fresh] = [await registerUser(test.app, someEmail()), someEmail()];
    const late = await tokenFor(session, fresh);
    await registerUser(test.app, fresh);
    expect(await use(change, late)).toBe(404);
    const thief = await registerUser(test.app, someEmail());
    const prepared = await tokenFor(thief, someEmail());
    const input = { currentPassword: password, newPassword: "a fresh password" };
    await callProcedure(test.app, "changePassword", { type: "mutation", token: thief.accessToken, input });
    expect(await use(change, prepared)).toBe(404);
    expect(await login(thief.user.email, "a fresh password")).toBe(200);
  });

  it("is taken back by the old mailbox within a week: sessions and password end, a new one comes by mail", async () => {
    const [old, fresh] = [someEmail(), someEmail()];
    const session = await registerUser(test.app, old);
    await move(session, fresh);
    const token = await undoTokenOf(old);
    const { db } = test.auth.deps;
    const userId = session.user.id;
    const at = new Date(test.clock.now());
    const ofThief = { provider: "google", issuer: "https://accounts.google.com", subject: userId, linkedAt: at };
    await db.insert(identities).values({ id: crypto.randomUUID(), userId, ...ofThief, lastUsedAt: at });
    test.clock.advance(6 * 24 * 3600);
    await visit(test.app, `${undo}?token=${token}`);
    expect((await visit(test.app, undo, { form: { token } })).text).toContain("taken back");
    expect([await login(fresh), await login(old), (await me(session)).status]).toEqual([401, 401, 401]);
    expect(await db.select().from(identities).where(eq(identities.userId, userId))).toEqual([]);
    const reset = { token: tokenIn(await readMailbox(test, old), "/auth/reset"), newPassword: "a fresh password" };
    expect((await post(test.app, "/auth/reset/confirm", { json: reset })).status).toBe(200);
    expect([await login(old, "a fresh password"), await use(undo, token)]).toEqual([200, 404]);
  });

  it("stands after a week", async () => {
    const [old, fresh] = [someEmail(), someEmail()];
    await move(await registerUser(test.app, old), fresh);
    const token = await undoTokenOf(old);
    test.clock.advance(7 * 24 * 3600);
    expect([await use(undo, token), await login(fresh)]).toEqual([404, 200]);
  });

  it("is taken back by the oldest address, whatever a thief did with the later ones", async () => {
    const [owner, thief, hideout] = [someEmail(), someEmail(), someEmail()];
    const session = await registerUser(test.app, owner);
    await move(session, thief);
    const owners = await undoTokenOf(owner);
    await move(session, hideout);
    const thiefs = await undoTokenOf(thief);
    const prepared = await tokenFor(session, someEmail());
    expect(await use(undo, thiefs)).toBe(200);
    expect(await use(undo, owners)).toBe(200);
    const [account] = await test.auth.deps.db.select().from(users).where(eq(users.id, session.user.id));
    expect(account?.email).toBe(owner);
    expect([await use(undo, thiefs), await use(change, prepared)]).toEqual([404, 404]);
  });

  it("leaves the old address to its account for the week", async () => {
    const [old, fresh] = [someEmail(), someEmail()];
    const session = await registerUser(test.app, old);
    await move(session, fresh);
    const squatter = { email: old, password: "another horse", mode: "bearer" };
    expect((await post(test.app, "/auth/register", { json: squatter })).status).toBe(409);
    await move(session, old);
    expect(await login(old)).toBe(200);
    test.clock.advance(8 * 24 * 3600);
    expect((await post(test.app, "/auth/register", { json: { ...squatter, email: fresh } })).status).toBe(200);
  });

  it("is won by one of fifty uses of a link at once", async () => {
    const fresh = someEmail();
    const token = await tokenFor(await registerUser(test.app, someEmail()), fresh);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => use(change, token)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await login(fresh)).toBe(200);
  });
});
