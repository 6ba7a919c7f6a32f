import { publicClient } from "../../src/oauth/public-client.ts";
import { recordRevocation } from "../../src/revocations/outbox.ts";
import { disableService, enableService } from "../../src/services/service-keys.ts";
import { exchangeFields, grantedBy, postForm } from "../oauth-client.ts";
import { checkNow, current } from "./check.ts";
import { command, pickToken } from "./command.ts";
import type { ReplicaName } from "./platform.ts";
import { endTokens, type ModelState, type ModelToken } from "./state.ts";
import { hold } from "./violation.ts";
import { addToken, lastRevocation, type World } from "./world.ts";

/** orders exchanges a user's token for one with which it calls products. */
export const exchange = (at: ReplicaName, choice: number) =>
  command(`exchange token ${choice} at ${at}`, async (world) => {
    const { state, platform } = world;
    const subject = pickToken(state, choice, "user");
    if (subject === undefined || !current(world).includes(subject)) return;
    const answer = await platform.clients.orders(at).post("/oauth/token", exchangeFields(subject.text, "products"));
    const isAllowed = answer.status === 200;
    const mayBe = subject.ended === null && state.isServiceEnabled;
    hold("ours", answer.status < 500, `an exchange was answered ${answer.status}`);
    hold(mayBe ? "standing" : "ended", isAllowed === mayBe, `an exchange was answered ${answer.status}`);
    if (!isAllowed) return;
    addToken(state, grantedBy(answer), { kind: "delegated", session: subject.session, from: subject });
    await checkNow(world, at);
  });

/** orders asks for a token of its own. */
export const serviceToken = (at: ReplicaName) =>
  command(`token of orders at ${at}`, async (world) => {
    const { state, platform } = world;
    const fields = { grant_type: "client_credentials", audience: "products" };
    const answer = await platform.clients.orders(at).post("/oauth/token", fields);
    hold("refused", (answer.status === 200) === state.isServiceEnabled, `orders was answered ${answer.status}`);
    if (answer.status !== 200) return;
    addToken(state, grantedBy(answer), { kind: "service", session: null, from: null });
    await checkNow(world, at);
  });

/** Whoever holds a token ends it (RFC 7009), and with it what it was exchanged for. */
export const revokeToken = (at: ReplicaName, choice: number) =>
  command(
    `revoke token ${choice} at ${at}`,
    async (world) => {
      const token = pickOrigin(world.state, choice) ?? pickToken(world.state, choice);
      if (token === undefined || !current(world).includes(token)) return;
      const { state, platform } = world;
      const byOrders = token.kind !== "user";
      if (byOrders && !state.isServiceEnabled) return;
      const answer = byOrders
        ? await platform.clients.orders(at).post("/oauth/revoke", { token: token.text })
        : await postForm(platform.replicas[at], "/oauth/revoke", {
            body: { token: token.text, client_id: publicClient },
          });
      hold("refused", answer.status === 200, `a revocation was answered ${answer.status}`);
      const covers = (other: ModelToken) => other === token || other.from === token;
      endTokens(state, { why: "a revocation", covers }, await lastRevocation(world));
      await checkNow(world, at);
    },
    ({ tokens }) => tokens.length > 0,
  );

/** Every other choice takes a token that another one was exchanged for, where there is one. */
function pickOrigin({ tokens }: ModelState, choice: number): ModelToken | undefined {
  if (choice % 2 === 1) return undefined;
  return tokens.findLast(({ from, ended }) => from !== null && ended === null)?.from ?? undefined;
}

const by = ({ platform }: World, at: ReplicaName) => ({ actor: "model", at: platform.replicas[at].clock.now() });

export const closeService = (at: ReplicaName) =>
  command(
    `disable orders at ${at}`,
    async (world) => {
      const { db, relay } = world.platform.replicas[at].auth.deps;
      await disableService(db, "orders", by(world, at));
      await relay.flush();
      world.state.isServiceEnabled = false;
      const covers = ({ kind }: ModelToken) => kind !== "user";
      endTokens(world.state, { why: "a disabled service", covers }, await lastRevocation(world));
      await checkNow(world, at);
    },
    ({ isServiceEnabled }) => isServiceEnabled,
  );

export const openService = (at: ReplicaName) =>
  command(
    `enable orders at ${at}`,
    async (world) => {
      await enableService(world.platform.replicas[at].auth.deps.db, "orders", by(world, at));
      world.state.isServiceEnabled = true;
      await checkNow(world, at);
    },
    ({ isServiceEnabled }) => !isServiceEnabled,
  );

/** Something is revoked that no token of the run has to do with. */
export async function revokeUnrelated({ platform }: World): Promise<void> {
  const { db, relay, now } = platform.replicas.a.auth.deps;
  await recordRevocation(db, { kind: "token", subject: crypto.randomUUID(), now: now() });
  await relay.flush();
}
