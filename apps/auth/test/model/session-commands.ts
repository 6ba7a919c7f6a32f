import { Refusal, statusOf } from "@countersign/context";
import type { Database } from "@countersign/database";
import { disableUser, setRoles } from "../../src/accounts/change-user.ts";
import type { AuthDeps } from "../../src/deps.ts";
import { refresh } from "../../src/sessions/refresh.ts";
import { signOut, signOutEverywhere } from "../../src/sessions/sign-out.ts";
import { post, tokensOf } from "../requests.ts";
import { checkNow } from "./check.ts";
import { command, pickSession } from "./command.ts";
import type { ReplicaName } from "./platform.ts";
import { mustAnswer, type Presentation, refreshed, refusedAs } from "./refresh-rules.ts";
import { endSessions, endTokens, isOfUser, type ModelSession, type ModelState } from "./state.ts";
import { hold } from "./violation.ts";
import { addSession, from, lastNumber, operator, type World } from "./world.ts";

const mostSessions = 5;

export const signIn = (at: ReplicaName) =>
  command(
    `sign in at ${at}`,
    async (world) => {
      const { subject } = world.state;
      const json = { email: subject.email, password: subject.password, mode: "bearer" };
      const answer = await post(world.platform.replicas[at].app, "/auth/login", { json });
      hold("refused", (answer.status === 200) === subject.isActive, `a sign-in was answered ${answer.status}`);
      if (answer.status !== 200) return;
      addSession(world.state, tokensOf(answer), { at: world.platform.clock.now(), replica: at });
      await checkNow(world, at);
    },
    ({ sessions }) => sessions.length < mostSessions,
  );

/** The newest refresh token of a session, or one from before. */
function present(session: ModelSession, before: number): string {
  return session.received.at(-1 - before) ?? session.received[0] ?? "";
}

export const renew = (at: ReplicaName, { session: choice, before }: { session: number; before: number }) =>
  command(`refresh session ${choice}, ${before} before the newest, at ${at}`, async (world) => {
    const session = pickSession(world.state, choice);
    const presentation: Presentation = { token: present(session, before), at, now: world.platform.clock.now() };
    const json = { refreshToken: presentation.token, mode: "bearer" };
    const answer = await post(world.platform.replicas[at].app, "/auth/refresh", { json });
    hold("ours", answer.status < 500, `a refresh was answered ${answer.status}`);
    const wanted = mustAnswer(session, presentation);
    const what = `refresh token ${before} before the newest of ${session.received.length}`;
    if (answer.status === 200) {
      hold("refused", session.ended === null, `a refresh of a session ended by ${session.ended} was allowed`);
      hold("theft", wanted !== "reuse", `${what} was accepted`);
      refreshed(world.state, session, { ...presentation, tokens: tokensOf(answer) });
    } else {
      hold("reuse", wanted !== "renewed", `${what} was answered ${answer.status}`);
      refusedAs(world.state, session, await lastNumber(world));
    }
    await checkNow(world, at);
  });

export const failures = ["no key may sign", "the key cannot sign", "no transaction", "no statement"] as const;
export type Failure = (typeof failures)[number];

/** A refresh that fails on our side, by the fault of one part of the replica. */
export const renewInVain = (
  at: ReplicaName,
  { session: choice, before, failure }: { session: number; before: number; failure: Failure },
) =>
  command(`${failure}: refresh session ${choice}, ${before} before the newest, at ${at}`, async (world) => {
    const session = pickSession(world.state, choice);
    const { auth } = world.platform.replicas[at];
    const presentation = { token: present(session, before), at, now: world.platform.clock.now() };
    const wanted = mustAnswer(session, presentation);
    const status = await statusOfRefresh({ ...auth.deps, ...broken(auth.deps, failure) }, presentation.token);
    await auth.deps.failedRefreshes.flush();
    if (status >= 500 && wanted === "renewed") session.failed = presentation.token;
    if (status === 401) {
      hold("reuse", wanted !== "renewed", `a refresh token that failed was answered ${status}`);
      refusedAs(world.state, session, await lastNumber(world));
    }
    hold("ours", status !== 200, "a refresh is said to have failed and did not");
    await checkNow(world, at);
  });

async function statusOfRefresh(deps: AuthDeps, token: string): Promise<number> {
  try {
    await refresh(deps, { token }, from);
    return 200;
  } catch (error) {
    return error instanceof Refusal ? statusOf(error) : 500;
  }
}

function broken({ keys, db }: AuthDeps, failure: Failure): Partial<AuthDeps> {
  const lost = () => {
    throw Object.assign(new Error("The connection was lost."), { code: "ECONNRESET" });
  };
  const without = (...names: readonly (string | symbol)[]) =>
    new Proxy<Database>(db, {
      get: (target, name) => (names.includes(name) ? lost : Reflect.get(target, name, target)),
    });
  switch (failure) {
    case "no key may sign": {
      const signer = () => {
        throw new Refusal("SERVICE_UNAVAILABLE", "No key may sign yet.");
      };
      return { keys: { ...keys, signer } };
    }
    case "the key cannot sign":
      return { keys: { ...keys, signer: () => ({ ...keys.signer(), sign: cannotSign }) } };
    case "no transaction":
      return {
        db: without("transaction"),
        keys: { ...keys, signer: () => ({ ...keys.signer(), sign: cannotSign }) },
      };
    case "no statement":
      return { db: without("transaction", "with", "select", "update", "execute") };
  }
}

function cannotSign(): never {
  throw new Error("The key cannot sign.");
}

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
      const ending = end(other, { rival, session, state });
      const [answer] = await Promise.all([post(platform.replicas[at].app, "/auth/refresh", { json }), ending]);
      hold("ours", answer.status < 500, `a refresh was answered ${answer.status}`);
      if (answer.status === 200) refreshed(state, session, { ...presentation, tokens: tokensOf(answer) });
      await endIn(world, { rival, session, roles: answer.status === 200 ? tokensOf(answer).user.roles : null });
      await checkNow(world, at);
    },
    ({ subject }) => subject.isActive,
  );

type Rivalry = { readonly rival: Rival; readonly session: ModelSession };

function end(deps: AuthDeps, { rival, session, state }: Rivalry & { readonly state: ModelState }): Promise<unknown> {
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
  const number = await lastNumber(world);
  if (rival === "sign out") {
    session.ended ??= "a sign-out";
    endTokens(state, { why: "a sign-out", covers: (token) => token.session === session }, number);
    return;
  }
  if (rival === "roles") {
    state.subject.roles = otherRoles(state);
    const newest = roles?.length === state.subject.roles.length ? state.tokens.at(-1) : undefined;
    endTokens(state, { why: "changed roles", covers: (token) => isOfUser(token) && token !== newest }, number);
    return;
  }
  if (rival === "disable") state.subject.isActive = false;
  endSessions(state, rival);
  endTokens(state, { why: rival, covers: isOfUser }, number);
}
