import { eventTypes } from "@countersign/context";
import { type Served, serve } from "@countersign/service";
import { callProcedure, describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setRoles } from "../src/accounts/change-user.ts";
import { keepUp } from "../src/keep-up.ts";
import { addReceiver } from "../src/ssf/receivers.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { type ReceiverProcess, startReceiver } from "./receiver/start-receiver.ts";
import { claimsOf, post, registerUser } from "./requests.ts";

/** Receivers in processes of their own, which know the standards and not us: RFC 8417, 8935, 8936, 9493, SSF 1.0, CAEP 1.0. */
describeDatabases("receivers of security events in other processes", { migrations }, (open) => {
  let served: Served;
  let test: TestAuth;
  let rest: () => Promise<void>;
  let receivers: readonly (readonly [string, ReceiverProcess])[];

  beforeAll(async () => {
    served = await serve((request, peer) => test.app.fetch(request, peer), { port: 0, hostname: "127.0.0.1" });
    test = await openTestAuth(await open(), { issuer: served.url, now: Date.now });
    rest = keepUp(test.auth);
    const start = async (delivery: "poll" | "push") => {
      const audience = `https://${delivery}.example.com`;
      const change = { actor: "test", at: Date.now() };
      const secret = await addReceiver(test.auth.deps.db, { name: `with-${delivery}`, audience }, change);
      return [audience, await startReceiver({ transmitter: served.url, secret, audience, delivery })] as const;
    };
    receivers = await Promise.all([start("poll"), start("push")]);
  });
  afterAll(async () => {
    test.auth.deps.revocationFeed.close();
    await Promise.all(receivers.map(([, receiver]) => receiver.stop()));
    await rest();
    await served.stop();
  });

  it("hear of a sign-out, a change of roles and a sign-out everywhere, again until they take it", async () => {
    const [alice, bob, carol] = await Promise.all([1, 2, 3].map(() => registerUser(test.app, someEmail())));
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error("Nobody was registered.");
    const from = { requestId: "test", address: "192.0.2.1", userAgent: null };
    await post(test.app, "/auth/logout", { headers: { authorization: `Bearer ${alice.accessToken}` } });
    await setRoles(test.auth.deps, ["user", "admin"], { userId: bob.user.id, actor: "test", from });
    await callProcedure(test.app, "logoutEverywhere", { type: "mutation", token: carol.accessToken });

    const user = (id: string) => ({ format: "iss_sub", iss: served.url, sub: id });
    const session = { format: "opaque", id: claimsOf(alice.accessToken)["sid"] };
    for (const [audience, { events, stream }] of receivers) {
      await expect.poll(() => events.length, { timeout: 15_000 }).toBe(4);
      const [verification, ...told] = events;
      expect(verification).toMatchObject({
        sub_id: { format: "opaque", id: stream["stream_id"] },
        events: { "https://schemas.openid.net/secevent/ssf/event-type/verification": { state: "does it work?" } },
      });
      expect(told.map(({ sub_id: subject }) => subject)).toEqual([
        { format: "complex", user: user(alice.user.id), session },
        user(bob.user.id),
        user(carol.user.id),
      ]);
      const types = [eventTypes.sessionRevoked, eventTypes.claimsChanged, eventTypes.sessionRevoked];
      for (const [index, event] of told.entries()) {
        const of: unknown = expect.objectContaining({ event_timestamp: event["iat"] });
        expect(event["events"]).toEqual({ [types[index] ?? ""]: of });
        expect(Object.keys(event).toSorted()).toEqual(["aud", "events", "iat", "iss", "jti", "sub_id", "txn"]);
        expect(event["aud"]).toBe(audience);
      }
      expect(JSON.stringify(told)).not.toMatch(/@example|"admin"|below|until|except/);
    }
    const [polled = [], pushed = []] = receivers.map(([, { events }]) => events);
    expect(pushed.map(({ txn }) => txn)).toEqual(polled.map(({ txn }) => txn));
    expect(pushed.slice(1).map(({ jti }) => jti)).not.toEqual(polled.slice(1).map(({ jti }) => jti));
  }, 30_000);
});
