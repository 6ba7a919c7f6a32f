import { readAnyToken } from "../../src/oauth/read-token.ts";
import { factsOf, tokenStands } from "../../src/revocations/token-stands.ts";
import { verifyToken } from "../../src/sessions/verify-token.ts";
import { exchangeFields, grantedBy } from "../oauth-client.ts";
import { becomes } from "./becomes.ts";
import type { Follower } from "./follower.ts";
import type { ReplicaName } from "./platform.ts";
import { isAdministrator, type ModelToken } from "./state.ts";
import { hold } from "./violation.ts";
import type { World } from "./world.ts";

/** Seconds before its end and after it in which nothing is said of a token: clocks differ. */
const margin = 15;

/** Those tokens whose end by time plays no part. */
export function current({ platform, state }: World): readonly ModelToken[] {
  const second = platform.clock.now() / 1000;
  return state.tokens.filter(({ expiresAt }) => second < expiresAt - margin);
}

/** What auth itself and the services say of every token at this moment, and whether somebody can administer. */
export async function checkNow(world: World, at: ReplicaName): Promise<void> {
  const { deps } = world.platform.replicas[at].auth;
  for (const token of current(world)) {
    const { valid } = await verifyToken(deps, { token: token.text });
    agree(token, valid, `verify at ${at}`);
  }
  const [found] = await world.platform.database.query(
    "select count(*)::int as count from auth.users where status = 'active' and 'admin' = any(roles)",
  );
  const wanted = [world.state.subject, ...world.state.administrators].filter(isAdministrator).length;
  const count = Number(found?.["count"]);
  hold("administrator", count > 0, "no administrator is left");
  hold("refused", count === wanted, `${count} administrators, and ${wanted} by the model`);
  await checkFollowers(world);
}

/** What services say of every token now, whatever the bus has done. */
export async function checkFollowers(world: World): Promise<void> {
  for (const follower of world.followers()) for (const token of current(world)) await checkAt(world, follower, token);
}

async function checkAt({ platform }: World, follower: Follower, token: ModelToken): Promise<void> {
  const { feed, name } = follower;
  const wasLive = feed.state() === "live";
  const heard = follower.heard();
  const accepted = await follower.accepts(token.text);
  if (token.ended === null) return hold("standing", accepted, `${name} refuses ${describe(token)}`);
  if (!accepted || !wasLive || feed.state() !== "live") return;
  const { why, number, isTold } = token.ended;
  const what = `${name} says live and accepts ${describe(token)}, ended by ${why}`;
  if (isTold) return hold("prompt", await becomes(async () => !(await follower.accepts(token.text))), what);
  hold("live", heard < number, `${what}; it has heard of ${heard}, and the end is ${number}`);
  hold("live", platform.clock.now() - follower.provenAt() <= 10_000, `${what}; nothing was proved for ten seconds`);
}

/** Every door, once nothing is on its way. */
export async function checkEverywhere(world: World, at: ReplicaName): Promise<void> {
  const { platform } = world;
  for (const token of current(world)) {
    for (const follower of world.followers())
      if (follower.feed.state() === "live") agree(token, await follower.accepts(token.text), follower.name);
    const introspected = await platform.clients.products(at).post("/oauth/introspect", { token: token.text });
    agree(token, Object(introspected.json).active === true, `introspection at ${at}`);
    const claims = await readAnyToken(platform.replicas[at].auth.deps, token.text);
    const facts = claims === null ? null : factsOf(claims);
    const stands = facts !== null && (await tokenStands(platform.database, facts, platform.clock.now()));
    agree(token, stands, "tokens.isLive");
    if (token.kind === "service") continue;
    const asked = await platform.clients.products(at).post("/oauth/token", exchangeFields(token.text, "inventory"));
    agree(token, asked.status === 200 && grantedBy(asked) !== "", `exchange at ${at}`);
  }
}

function agree(token: ModelToken, accepted: boolean, where: string): void {
  if (token.ended === null) hold("standing", accepted, `${where} refuses ${describe(token)}`);
  else hold("ended", !accepted, `${where} accepts ${describe(token)}, ended by ${token.ended.why}`);
}

function describe({ kind, id, session }: ModelToken): string {
  return `the ${kind} token ${id.slice(0, 8)} of ${session === null ? "orders" : `session ${session.id.slice(0, 8)}`}`;
}
