import { Refusal, statusOf } from "@countersign/context";
import type { Database } from "@countersign/database";
import { login } from "../../src/accounts/login.ts";
import type { AuthDeps } from "../../src/deps.ts";
import { refresh } from "../../src/sessions/refresh.ts";
import { post } from "../requests.ts";
import { checkNow } from "./check.ts";
import { command, pickSession } from "./command.ts";
import type { ReplicaName } from "./platform.ts";
import { mustAnswer, refreshed, refusedAs } from "./refresh-rules.ts";
import { enter, hasRoom, present } from "./session-commands.ts";
import { hold } from "./violation.ts";
import { lastRevocation } from "./world.ts";

export const failures = ["no key may sign", "the key cannot sign", "no transaction", "no statement"] as const;
export type Failure = (typeof failures)[number];

type Chosen = { readonly session: number; readonly before: number };

/** A refresh that fails on our side, by the fault of one part of the replica. */
export const renewInVain = (at: ReplicaName, { session: choice, before, failure }: Chosen & { failure: Failure }) =>
  command(`${failure}: refresh session ${choice}, ${before} before the newest, at ${at}`, async (world) => {
    const session = pickSession(world.state, choice);
    const { deps } = world.platform.replicas[at].auth;
    const presentation = { token: present(session, before), at, now: world.platform.clock.now() };
    const wanted = mustAnswer(session, presentation);
    const status = await statusOfWork(() =>
      refresh({ ...deps, ...broken(deps, failure) }, { token: presentation.token }, world.from),
    );
    await deps.failedRefreshes.flush();
    if (status >= 500 && wanted === "renewed") session.failed = presentation.token;
    if (status === 401) {
      hold("reuse", wanted !== "renewed", `a refresh token that failed was answered ${status}`);
      refusedAs(world.state, session, await lastRevocation(world));
    }
    hold("ours", status !== 200, "a refresh is said to have failed and did not");
    await checkNow(world, at);
  });

/** How long a slow refresh takes, in seconds: longer than pages have for asking again. */
const slow = 12;

/** A refresh that is kept waiting between its arrival and the rotation. */
export const renewSlowly = (at: ReplicaName, { session: choice, before }: Chosen) =>
  command(`${slow} seconds for it: refresh session ${choice}, ${before} before the newest, at ${at}`, async (world) => {
    const { clock, replicas } = world.platform;
    const session = pickSession(world.state, choice);
    const { deps } = replicas[at].auth;
    const presentation = { token: present(session, before), at, now: clock.now() };
    const wanted = mustAnswer(session, presentation);
    const write = async (sessionId: string) => {
      await deps.failedRefreshes.write(sessionId);
      clock.advance(slow);
    };
    try {
      const failedRefreshes = { ...deps.failedRefreshes, write };
      const tokens = await refresh({ ...deps, failedRefreshes }, { token: presentation.token }, world.from);
      hold("theft", wanted !== "reuse" && wanted !== "over", "a slow refresh was allowed");
      refreshed(world.state, session, { ...presentation, now: clock.now(), tokens });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      hold("reuse", wanted !== "renewed", `a slow refresh was answered ${statusOf(error)}`);
      refusedAs(world.state, session, await lastRevocation(world));
    }
    await checkNow(world, at);
  });

/** The right password as often as may be wrong, while nothing can be written; then once more. */
export const signInInVain = (at: ReplicaName) =>
  command(
    `ten sign-ins fail, and one does not, at ${at}`,
    async (world) => {
      const { deps } = world.platform.replicas[at].auth;
      const { email, password } = world.state.subject;
      const failing = { ...deps, db: without(deps.db, "transaction") };
      for (let tries = 0; tries < 10; tries += 1) {
        const status = await statusOfWork(() => login(failing, { email, password, mode: "bearer" }, world.from));
        hold("ours", status >= 500, `a sign-in that must fail was answered ${status}`);
      }
      await enter(world, at);
    },
    (state) => state.subject.isActive && hasRoom(state),
  );

/** The clocks of both replicas were an hour ahead when they started, and have been set right. */
export const startedAhead = (at: ReplicaName) =>
  command(
    `the clocks were ahead when the key was made: a sign-in at ${at}`,
    async (world) => {
      const { email, password } = world.state.subject;
      const json = { email, password, mode: "bearer" };
      const { address } = world.from;
      const { app } = world.platform.replicas[at];
      const answer = await world.platform.beforeStart(() => post(app, "/auth/login", { json, address }));
      hold("ours", answer.status === 200, `a sign-in was answered ${answer.status}`);
    },
    ({ subject }) => subject.isActive,
  );

async function statusOfWork(work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 200;
  } catch (error) {
    return error instanceof Refusal ? statusOf(error) : 500;
  }
}

function broken({ keys, db }: AuthDeps, failure: Failure): Partial<AuthDeps> {
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
        db: without(db, "transaction"),
        keys: { ...keys, signer: () => ({ ...keys.signer(), sign: cannotSign }) },
      };
    case "no statement":
      return { db: without(db, "transaction", "with", "select", "update", "execute") };
  }
}

/** A database on which these fail as when the connection is lost. */
function without(db: Database, ...names: readonly (string | symbol)[]): Database {
  const lost = () => {
    throw Object.assign(new Error("The connection was lost."), { code: "ECONNRESET" });
  };
  return new Proxy<Database>(db, {
    get: (target, name) => (names.includes(name) ? lost : Reflect.get(target, name, target)),
  });
}

function cannotSign(): never {
  throw new Error("The key cannot sign.");
}
