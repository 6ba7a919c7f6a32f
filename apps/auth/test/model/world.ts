import type { Requester } from "../../src/requester.ts";
import { readFeed } from "../../src/revocations/feed-page.ts";
import { numberRevocations } from "../../src/revocations/number-revocations.ts";
import { outbox } from "../../src/schema.ts";
import { seedUsers } from "../../src/seed.ts";
import { someEmail } from "../open-test-auth.ts";
import { claimsOf, post, type Tokens, tokensOf } from "../requests.ts";
import { type Follower, startFollower } from "./follower.ts";
import type { Platform, ReplicaName } from "./platform.ts";
import type { ModelSession, ModelState, ModelToken, ModelUser, Told } from "./state.ts";

/** One run: what is true, the platform that must agree, and the services that follow its revocations. */
export type World = {
  readonly platform: Platform;
  readonly state: ModelState;
  readonly followers: () => readonly Follower[];
  /** Where everything is done from: an address of its own, whose limits no other run uses up. */
  readonly from: Requester;
  /** The steps that were done, in order. */
  readonly steps: string[];
  /** A follower stops and starts anew, with nothing in memory. */
  restart(index: number): Promise<void>;
  setAuthReachable(isReachable: boolean): void;
  /** Milliseconds by which the wall clock of services is off. */
  setWallShift(milliseconds: number): void;
  close(): Promise<void>;
};

const password = "correct horse";
export const operator = "00000000-0000-4000-8000-000000000099";

export async function openWorld(platform: Platform): Promise<World> {
  await platform.clean();
  const administrators = [await administrator(platform), await administrator(platform)];
  const email = someEmail();
  const from = { requestId: "model", address: someAddress(), userAgent: null };
  const json = { email, password, mode: "bearer" };
  const enter = async (at: ReplicaName, how: "register" | "login") =>
    tokensOf(await post(platform.replicas[at].app, `/auth/${how}`, { json, address: from.address }));
  const tokens = await enter("a", "register");
  const subject: ModelUser = { id: tokens.user.id, email, password, isActive: true, roles: ["user"] };
  const state: ModelState = {
    subject,
    administrators,
    sessions: [],
    tokens: [],
    isServiceEnabled: true,
    wasLost: false,
  };
  addSession(state, tokens, { at: platform.clock.now(), replica: "a" });
  addSession(state, await enter("b", "login"), { at: platform.clock.now(), replica: "b" });
  let isReachable = true;
  let shift = 0;
  const start = (index: number) =>
    startFollower(platform, {
      name: index === 0 ? "a service that asks auth" : "a service that has the bus alone",
      isAuthReachable: index === 0 ? () => isReachable : null,
      wallShift: () => shift,
    });
  const followers = [start(0), start(1)];
  await followers[0]?.feed.ready;
  return {
    platform,
    state,
    followers: () => followers,
    from,
    steps: [],
    async restart(index) {
      await followers[index]?.feed.close();
      followers[index] = start(index);
    },
    setAuthReachable(next) {
      isReachable = next;
    },
    setWallShift(milliseconds) {
      shift = milliseconds;
    },
    async close() {
      await Promise.all(followers.map(({ feed }) => feed.close()));
    },
  };
}

/** Of the network for benchmarks (RFC 2544). */
function someAddress(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint8Array(2));
  return `198.18.${high}.${low}`;
}

async function administrator({ replicas, database }: Platform): Promise<ModelUser> {
  const email = someEmail();
  await seedUsers(replicas.a.auth, [{ email, password, roles: ["admin"] }]);
  const [row] = await database.query("select id from auth.users where email = $1", [email]);
  return { id: String(row?.["id"]), email, password, isActive: true, roles: ["admin"] };
}

export function addSession(
  state: ModelState,
  tokens: Tokens,
  { at, replica }: { readonly at: number; readonly replica: ReplicaName },
): void {
  const id = String(claimsOf(tokens.accessToken)["sid"]);
  const received = [tokens.refreshToken];
  const session: ModelSession = { id, ended: null, received, rotatedAt: at, rotatedBy: replica, failed: null };
  state.sessions.push(session);
  addToken(state, tokens.accessToken, { kind: "user", session, from: null });
}

export function addToken(
  state: ModelState,
  text: string,
  about: Pick<ModelToken, "kind" | "session" | "from">,
): ModelToken {
  const { jti, exp } = claimsOf(text);
  const token: ModelToken = { text, id: String(jti), expiresAt: Number(exp), ended: null, ...about };
  state.tokens.push(token);
  return token;
}

/** The last revocation, once all that were committed have their numbers. */
export async function lastRevocation({ platform }: World): Promise<Told> {
  const { db } = platform.replicas.a.auth.deps;
  await numberRevocations(db);
  const { number } = await readFeed(db);
  return { number, isTold: platform.bus.isSound() && !platform.bus.hasLost(number) };
}

/** How many revocations there were in this run. */
export async function countRevocations({ platform }: World): Promise<number> {
  return await platform.database.db.$count(outbox);
}
