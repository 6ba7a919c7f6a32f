import { createServer, type Server } from "node:http";
import { describeDatabases } from "@countersign/testing";
import { desc, eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser } from "../../test/requests.ts";
import { audit, signingKeys, ssfReceivers } from "../schema.ts";
import { addReceiver, removeReceiver } from "./receivers.ts";

const pushed = "urn:ietf:rfc:8935";
const polled = "urn:ietf:rfc:8936";
const streamShape = z.looseObject({ stream_id: z.string() });
const setsShape = z.object({ sets: z.record(z.string(), z.string()), moreAvailable: z.literal(true).optional() });

describeDatabases("streams of security events", { migrations }, (open) => {
  let test: TestAuth;
  let secret: string;
  let servers: Server[] = [];
  const change = () => ({ actor: "test", at: test.clock.now() });
  beforeEach(async () => {
    test = await openTestAuth(await open());
    await test.auth.deps.db.delete(ssfReceivers);
    secret = await register("shop");
  });
  afterEach(async () => {
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    servers = [];
  });

  const register = (name: string) =>
    addReceiver(test.auth.deps.db, { name, audience: `https://${name}.example.com` }, change());
  async function ask(method: string, path: string, json?: unknown, as = secret) {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const headers = { authorization: `Bearer ${as}`, "content-type": "application/json" };
    const request = new Request(`${publicUrl}/ssf/${path}`, { method, headers, ...body });
    const response = await test.app.request(request, {}, { address: "192.0.2.1" });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }
  const create = async (wishes: object = {}, as = secret) =>
    streamShape.parse((await ask("POST", "streams", wishes, as)).body).stream_id;
  async function poll(input: object = {}, as = secret) {
    const { status, body } = await ask("POST", "poll", { returnImmediately: true, ...input }, as);
    expect(status).toBe(200);
    const { sets, moreAvailable } = setsShape.parse(body);
    return { ids: Object.keys(sets), claims: Object.values(sets).map(claimsOf), moreAvailable };
  }
  async function signOut() {
    const { accessToken } = await registerUser(test.app, someEmail());
    await post(test.app, "/auth/logout", { headers: { authorization: `Bearer ${accessToken}` } });
    return { session: claimsOf(accessToken)["sid"] };
  }
  /** A receiver that answers as it is told, and the address of its events. */
  async function receive(answer: () => { status: number; body?: string; location?: string }) {
    const taken: string[] = [];
    const server = createServer((request, response) => {
      request.on("data", (chunk) => taken.push(String(chunk)));
      request.on("end", () => {
        const { status, body, location } = answer();
        response.writeHead(status, location === undefined ? {} : { location }).end(body);
      });
    });
    return { taken, url: await listen(server) };
  }
  async function listen(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/events`;
  }
  async function push() {
    await test.auth.deps.pusher.turn();
    await test.auth.deps.pusher.idle();
  }

  it("belong to whoever shows the secret, and to nobody else", async () => {
    await create();
    const wrong = ["", "csr_wrong", `${secret}x`, "constructor"];
    for (const as of wrong) {
      const refused = await ask("GET", "streams", undefined, as);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="countersign"']);
    }
    const [line] = await test.auth.deps.db
      .select()
      .from(audit)
      .where(eq(audit.action, "stream.refused"))
      .orderBy(desc(audit.id));
    expect(line).toMatchObject({ outcome: "refused", reason: "bad_secret" });
    const renewed = await register("shop");
    expect((await ask("GET", "streams")).status).toBe(401);
    expect((await ask("GET", "streams", undefined, renewed)).body).toHaveLength(1);
    await removeReceiver(test.auth.deps.db, "shop", change());
    expect((await ask("GET", "streams", undefined, renewed)).status).toBe(401);
  });

  it("are made, read, changed, replaced and ended, and every change is written down", async () => {
    expect((await ask("GET", "streams")).body).toEqual([]);
    const id = await create({ description: "of the shop" });
    expect((await ask("POST", "streams", {})).status).toBe(409);
    const read = await ask("GET", `streams?stream_id=${id}`);
    expect(read.body).toMatchObject({
      stream_id: id,
      iss: publicUrl,
      aud: "https://shop.example.com",
      description: "of the shop",
      delivery: { method: polled, endpoint_url: `${publicUrl}/ssf/poll` },
    });
    const [revoked, changed] = read.body.events_supported;
    const events_requested = [changed, "https://example.com/other"];
    const patched = await ask("PATCH", "streams", { stream_id: id, events_requested });
    expect(patched.body).toMatchObject({ events_requested, events_delivered: [changed], description: "of the shop" });
    const delivery = { method: pushed, endpoint_url: "https://shop.example.com/e", authorization_header: "Bearer x" };
    const replaced = await ask("PUT", "streams", { ...patched.body, description: undefined, delivery });
    expect(replaced.body).toMatchObject({ delivery: { method: pushed, endpoint_url: "https://shop.example.com/e" } });
    expect(JSON.stringify(replaced.body)).not.toContain("Bearer x");
    expect(replaced.body).not.toHaveProperty("description");
    expect((await ask("POST", "poll", {})).status).toBe(403);
    expect((await ask("PUT", "streams", { stream_id: id })).body).toMatchObject({
      events_delivered: [revoked, changed],
    });
    expect((await ask("PATCH", "streams", { stream_id: id, aud: "https://other.example" })).status).toBe(400);
    expect((await ask("DELETE", `streams?stream_id=${id}`)).status).toBe(204);
    expect((await ask("GET", `streams?stream_id=${id}`)).status).toBe(404);
    const lines = await test.auth.deps.db.select().from(audit).where(eq(audit.actor, "shop")).orderBy(audit.id);
    const actions = lines.map(({ action }) => action).slice(-5);
    expect(actions).toEqual(["stream.created", ...Array(3).fill("stream.updated"), "stream.deleted"]);
  });

  it("refuse what cannot be read, and addresses that nothing may be pushed to", async () => {
    const pushTo = (endpoint_url: string, more = {}) => ({ delivery: { method: pushed, endpoint_url, ...more } });
    const malformed: readonly (readonly [string, unknown])[] = [
      ["streams", []],
      ["streams", { delivery: { method: "https://example.com/other" } }],
      ["streams", { delivery: { method: pushed } }],
      ["streams", pushTo("http://shop.example.com/")],
      ["streams", pushTo("http://127.0.0.1.example.com/")],
      ["streams", pushTo("http://169.254.169.254/")],
      ["streams", pushTo("file:///etc/passwd")],
      ["streams", pushTo("https://a:b@shop.example.com/")],
      ["streams", pushTo("https://shop.example.com/", { authorization_header: "a\r\nb: c" })],
      ["streams", { events_requested: Array(33).fill("x") }],
      ["streams", { description: "x".repeat(257) }],
      ["status", { stream_id: "x", status: "on" }],
      ["verify", { stream_id: "x", state: "x".repeat(1_025) }],
    ];
    for (const [path, json] of malformed) {
      const said = JSON.stringify(json).slice(0, 80);
      expect(await ask("POST", path, json), said).toMatchObject({ status: 400, body: { err: "invalid_request" } });
    }
  });

  it("refuse a method that is no method of theirs", async () => {
    expect((await ask("PUT", "status", {})).status).toBe(405);
    expect((await ask("PUT", "poll", {})).headers.get("allow")).toBe("POST");
  });

  it("give an event until its own receiver has acknowledged it", async () => {
    const other = await register("other");
    await Promise.all([create(), create({}, other)]);
    const { session } = await signOut();
    const mine = await poll();
    expect(mine.claims).toEqual([
      expect.objectContaining({
        aud: "https://shop.example.com",
        sub_id: expect.objectContaining({ session: { format: "opaque", id: session } }),
      }),
    ]);
    const theirs = await poll({}, other);
    expect((await poll({ ack: [...theirs.ids, "forged"] })).ids).toEqual(mine.ids);
    expect((await poll({ ack: mine.ids }, other)).ids).toEqual(theirs.ids);
    expect((await poll({ setErrs: { [mine.ids[0] ?? ""]: { err: "invalid_key" } } })).ids).toEqual([]);
    expect((await poll({}, other)).ids).toEqual(theirs.ids);
  });

  it("go on after a restart, in order, also where events were acknowledged out of order", async () => {
    await create();
    for (let count = 0; count < 4; count += 1) await signOut();
    const all = await poll();
    const [first, second, third, fourth] = all.ids;
    expect(await poll({ ack: [second, fourth], maxEvents: 1 })).toMatchObject({ ids: [first], moreAvailable: true });
    test = await openTestAuth(await open());
    expect((await poll()).ids).toEqual([first, third]);
    expect((await poll({ ack: [first], maxEvents: 0 })).ids).toEqual([]);
    expect((await poll()).ids).toEqual([third]);
    expect((await poll({ ack: [third] })).ids).toEqual([]);
    await signOut();
    expect((await poll()).ids).toHaveLength(1);
  });

  it("wait for what comes", async () => {
    await create();
    const waiting = poll({ returnImmediately: false });
    await signOut();
    expect((await waiting).ids).toHaveLength(1);
  });

  it("keep what comes while they are paused, and not while they are disabled", async () => {
    const id = await create();
    const set = async (status: string) =>
      (await ask("POST", "status", { stream_id: id, status, reason: "moving" })).body;
    expect(await set("paused")).toEqual({ stream_id: id, status: "paused", reason: "moving" });
    await signOut();
    expect((await poll()).ids).toEqual([]);
    await set("enabled");
    const kept = await poll();
    expect(kept.ids).toHaveLength(1);
    await poll({ ack: kept.ids });
    await set("disabled");
    await signOut();
    expect((await ask("GET", `status?stream_id=${id}`)).body).toMatchObject({ status: "disabled" });
    await set("enabled");
    expect((await poll()).ids).toEqual([]);
  });

  it("push again what was not taken, later and later, and leave out what the receiver cannot use", async () => {
    let status = 302;
    const elsewhere = await receive(() => ({ status: 202 }));
    const receiver = await receive(() => ({
      status,
      location: elsewhere.url,
      ...(status === 400 ? { body: '{"err":"invalid_request","description":"no"}' } : {}),
    }));
    await create({ delivery: { method: pushed, endpoint_url: receiver.url } });
    await signOut();
    await push();
    await push(); // not yet due
    expect(receiver.taken).toHaveLength(1);
    test.clock.advance(2);
    status = 503;
    await push();
    test.clock.advance(2);
    await push();
    expect(receiver.taken).toHaveLength(2);
    test.clock.advance(2);
    status = 400;
    await push();
    await signOut();
    status = 202;
    await push();
    await push();
    expect(receiver.taken).toHaveLength(4);
    expect(new Set(receiver.taken).size).toBe(2);
    expect(elsewhere.taken).toEqual([]);
  });

  it("show the header that the receiver chose, also after the secrets have changed", async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(202).end();
    });
    const delivery = { method: pushed, endpoint_url: await listen(server), authorization_header: "Bearer of the shop" };
    await create({ delivery });
    const [kept] = await test.auth.deps.db.select().from(ssfReceivers);
    expect(JSON.stringify(kept)).not.toContain("of the shop");
    const [newest, before] = [new Uint8Array(32).fill(8), new Uint8Array(32).fill(7)];
    test = await openTestAuth(await open(), { secrets: [newest, before] });
    test = await openTestAuth(await open(), { secrets: [newest] });
    await signOut();
    await push();
    expect(seen).toEqual(["Bearer of the shop"]);
    await test.auth.deps.db.delete(ssfReceivers);
    await test.auth.deps.db.delete(signingKeys); // they are sealed with a secret that the other tests do not have
  });

  it("are paused when nothing was taken for as long as events are kept, and say why", async () => {
    let status = 500;
    const receiver = await receive(() => ({ status }));
    const id = await create({ delivery: { method: pushed, endpoint_url: receiver.url } });
    await signOut();
    for (let minutes = 0; minutes < 22; minutes += 1) {
      await push();
      test.clock.advance(80);
    }
    const { body } = await ask("GET", `status?stream_id=${id}`);
    expect(body).toMatchObject({ status: "paused", reason: "Pushing failed for 20 minutes: status 500." });
    const tries = receiver.taken.length;
    await push();
    expect(receiver.taken).toHaveLength(tries);
    status = 202;
    await ask("POST", "status", { stream_id: id, status: "enabled" });
    await push();
    expect(receiver.taken.slice(tries).map(claimsOf)).toEqual([
      expect.objectContaining({
        events: { "https://schemas.openid.net/secevent/ssf/event-type/stream-updated": expect.anything() },
      }),
      expect.objectContaining({ sub_id: expect.objectContaining({ format: "complex" }) }),
    ]);
  });
});
