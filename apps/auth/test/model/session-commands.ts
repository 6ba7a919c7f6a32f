import { disableUser, setRoles } from "../../src/accounts/change-user.ts";
import type { AuthDeps } from "../../src/deps.ts";
import { signOut, signOutEverywhere } from "../../src/sessions/sign-out.ts";
import { post, tokensOf } from "../requests.ts";
import { checkNow } from "./check.ts";
import { command, pickSession } from "./command.ts";
import type { ReplicaName } from "./platform.ts";
import { mustAnswer, type Presentation, refreshed, refusedAs } from "./refresh-rules.ts";
import { endSessions, endTokens, isOfUser, type ModelSession, type ModelState, mayGo } from "./state.ts";
import { hold } from "./violation.ts";
import { addSession, lastRevocation, operator, type World } from "./world.ts";

const mostSessions = 5;
export const hasRoom = ({ sessions }: ModelState): boolean => sessions.length < mostSessions;

export const signIn = (at: ReplicaName) => command(`sign in at ${at}`, (world) => enter(world, at), hasRoom);

/** Signs the user in, who may do so unless the account is disabled. */
export async function enter(world: World, at: ReplicaName): Promise<void> {
  const { subject } = world.state;
  const json = { email: subject.email, password: subject.password, mode: "bearer" };
  const answer = await post(world.platform.replicas[at].app, "/auth/login", { json, address: world.from.address });
  const isRight = (answer.status === 200) === subject.isActive;
  hold(subject.isActive ? "ours" : "refused", isRight, `a sign-in was answered ${answer.status}`);
  if (answer.status !== 200) return;
  addSession(world.state, tokensOf(answer), { at: world.platform.clock.now(), replica: at });
  await checkNow(world, at);
}

/** The newest refresh token of a session, or one from before. */
export function present(session: ModelSession, before: number): string {
  return session.received.at(-1 - before) ?? session.received[0] ?? "";
}

export const renew = (at: ReplicaName, { session: choice, before }: { session: number; before: number }) =>
  command(`refresh session ${choice}, ${before} before the newest, at ${at}`, async (world) => {
    const session = pickSession(world.state, choice);
    const presentation: Presentation = { token: present(session, before), at, now: world.platform.clock.now() };
    const json = { refreshToken: presentation.token, mode: "bearer" };
    const { address } = world.from;
    const answer = await post(world.platform.replicas[at].app, "/auth/refresh", { json, address });
    hold("ours", answer.status < 500, `a refresh was answered ${answer.status}`);
    const wanted = mustAnswer(session, presentation);
    const what = `refresh token ${before} before the newest of ${session.received.length}`;
    if (answer.status === 200) {
      hold("refused", session.ended === null, `a refresh of a session ended by ${session.ended} was allowed`);
      hold("theft", wanted !== "reuse", `${what} was accepted`);
      refreshed(world.state, session, { ...presentation, tokens: tokensOf(answer) });
    } else {
      hold("reuse", wanted !== "renewed", `${what} was answered ${answer.status}`);
      refusedAs(world.state, session, await lastRevocation(world));
    }
    await checkNow(world, at);
  });

export const rivals = ["disable", "roles", "everywhere", "sign out"] as const;
export type Rival = (typeof rivals)[number];

/** A refresh at one replica and an ending at the other, at once: whichever comes first, nothing of the old rights is left. */
export const race = (at: ReplicaName, { session: choice, rival }: { session: number; rival: Rival }) =>
  command(
    `refresh session ${choice} at ${at} against ${rival} at the other`,
    async (world) => {
      const { state, platform } = world;
      const session = pickSession(state, choice);
      const other = platform.replicas[at === "a" ? "b" : "a"].auth.deps;
      const presentation = { token: present(session, 0), at, now: platform.clock.now() };
      const json = { refreshToken: presentation.token, mode: "bearer" };
      const ending = end(other, world, { rival, session });
      const [answer] = await Promise.all([post(platform.replicas[at].app, "/auth/refresh", { json }), ending]);
      hold("ours", answer.status < 500, `a refresh was answered ${answer.status}`);
      if (answer.status === 200) refreshed(state, session, { ...presentation, tokens: tokensOf(answer) });
      await endIn(world, { rival, session, roles: answer.status === 200 ? tokensOf(answer).user.roles : null });
      await checkNow(world, at);
    },
    (state) => state.subject.isActive && mayGo(state, state.subject),
  );

type Rivalry = { readonly rival: Rival; readonly session: ModelSession };

function end(deps: AuthDeps, { state, from }: World, { rival, session }: Rivalry): Promise<unknown> {
  const change = { userId: state.subject.id, actor: operator, from };
  if (rival === "disable") return disableUser(deps, change);
  if (rival === "roles") return setRoles(deps, otherRoles(state), change);
  if (rival === "everywhere") return signOutEverywhere(deps, state.subject.id, from);
  return signOut(deps, { sessionId: session.id, reason: "logout", from });
}

const otherRoles = ({ subject }: ModelState) =>
  subject.roles.length === 1 ? (["user", "admin"] as const) : (["user"] as const);

async function endIn(world: World, { rival, session, roles }: Rivalry & { readonly roles: readonly string[] | null }) {
  const { state } = world;
  const told = await lastRevocation(world);
  if (rival === "sign out") {
    session.ended ??= "a sign-out";
    endTokens(state, { why: "a sign-out", covers: (token) => token.session === session }, told);
    return;
  }
  if (rival === "roles") {
    state.subject.roles = otherRoles(state);
    const newest = roles?.length === state.subject.roles.length ? state.tokens.at(-1) : undefined;
    endTokens(state, { why: "changed roles", covers: (token) => isOfUser(token) && token !== newest }, told);
    return;
  }
  if (rival === "disable") state.subject.isActive = false;
  endSessions(state, rival);
  endTokens(state, { why: rival, covers: isOfUser }, told);
}
