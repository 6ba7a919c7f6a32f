import { Refusal } from "@countersign/context";
import { type OpenDatabase, openDatabase } from "@countersign/database";
import { describePostgres } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { setRoles } from "../src/accounts/change-user.ts";
import type { AuthDeps } from "../src/deps.ts";
import { refresh } from "../src/sessions/refresh.ts";
import { verifyToken } from "../src/sessions/verify-token.ts";
import { migrations, openTestAuth } from "./open-test-auth.ts";
import { expected } from "./refresh-expected.ts";
import {
  carryOut,
  commitWithoutDisk,
  type Ending,
  endings,
  type Family,
  type FamilyDeps,
  type FamilyRow,
  familyPassword,
  observe,
  putFamily,
  someone,
} from "./refresh-family.ts";

const begun: FamilyRow = { generation: 2, rotatedAgo: 0, end: null, status: "active" };
const presented = { newest: 2, predecessor: 1, older: 0 } as const;
const presentations = ["newest", "predecessor", "older"] as const;
type Action = Ending | (typeof presentations)[number];
const actions: readonly Action[] = [...presentations, ...endings];

/** What came of two actions: both answers, the row, the lines of the audit log and the revocations. */
type Outcome = Awaited<ReturnType<typeof observe>> & { readonly answers: readonly (number | string)[] };

/**
 * Two connections, and the first holds its transaction open, done but not committed, while the second comes: every pair
 * of a refresh or an ending with another, each with a commit and with a rollback. It must come out as if one had been
 * done after the other, and after a rollback as if the first had never been.
 */
describePostgres("two connections on one family", { migrations }, (open, url) => {
  let on: FamilyDeps;
  let here: OpenDatabase;
  let there: OpenDatabase;
  beforeAll(async () => {
    await commitWithoutDisk(await open());
    here = await openDatabase(url());
    there = await openDatabase(url());
    const { auth } = await openTestAuth(here);
    on = { deps: auth.deps, passwordHash: await auth.deps.passwords.hash(familyPassword) };
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  /** The one who changes the password has a session too, which these end. */
  const alsoEndOther: readonly Action[] = ["everywhere", "disabled", "password changed"];
  const pairs = actions
    .flatMap((first) => actions.map((second) => ({ first, second })))
    .filter(({ first, second }) => !(alsoEndOther.includes(first) && second === "password changed"));

  it.each(pairs)("$first held open, then $second", async ({ first, second }) => {
    const committed = await meet(first, second, true);
    const inTurn = inOrder([first, second]);
    const swapped = inOrder([second, first]);
    const swappedBack = { ...swapped, answers: swapped.answers.toReversed() };
    if (committed.hasWaited) expect(committed.outcome).toEqual(inTurn);
    else expect([inTurn, swappedBack]).toContainEqual(committed.outcome);

    const { outcome } = await meet(first, second, false);
    const [, answer] = outcome.answers;
    expect({ ...outcome, answers: [answer] }).toEqual(inOrder([second]));
  });

  it.each(endings)(
    "a refresh with the newest token waits for the end of $0, instead of overtaking it",
    async (ending) => {
      expect((await meet(ending, "newest", true)).hasWaited).toBe(true);
      expect((await meet("newest", ending, true)).hasWaited).toBe(true);
    },
  );

  it.each([
    { first: "everywhere", reason: "session_ended" },
    { first: "disabled", reason: "session_ended" },
    { first: "password changed", reason: "changed_meanwhile" },
  ] as const)("a change of the password that waited for $first does not count", async ({ first, reason }) => {
    const { outcome, hasWaited } = await meet(first, "password changed", true);
    expect({ hasWaited, answer: outcome.answers[1] }).toEqual({ hasWaited: true, answer: reason });
    expect({ ...outcome, answers: ["silent"] }).toEqual(inOrder([first]));
  });

  it.each([true, false])(
    "a refresh waits for a change of roles, and reads what it left (commits: %s)",
    async (commits) => {
      for (const action of presentations.slice(0, 2)) {
        const family = await putFamily(on, begun);
        const { second, hasWaited } = await overlap(
          (deps) =>
            setRoles(deps, ["user", "admin"], { userId: family.userId, actor: someone.requestId, from: someone }),
          (deps) => refresh(deps, { token: deps.refreshTokens.issue(family.sessionId, presented[action]) }, someone),
          commits,
        );
        const roles = commits ? ["user", "admin"] : ["user"];
        expect({ hasWaited, roles: second.user.roles }).toEqual({ hasWaited: true, roles });
        expect(await isBelieved(second.accessToken)).toBe(true);
      }
    },
  );

  it("a change of roles waits for a refresh, and ends the token that it gave", async () => {
    for (const action of presentations.slice(0, 2)) {
      const family = await putFamily(on, begun);
      const { first, hasWaited } = await overlap(
        (deps) => refresh(deps, { token: deps.refreshTokens.issue(family.sessionId, presented[action]) }, someone),
        (deps) => setRoles(deps, ["user", "admin"], { userId: family.userId, actor: someone.requestId, from: someone }),
        true,
      );
      expect({ hasWaited, roles: first.user.roles }).toEqual({ hasWaited: true, roles: ["user"] });
      expect(await isBelieved(first.accessToken)).toBe(false);
    }
  });

  const isBelieved = async (token: string) => (await verifyToken(on.deps, { token })).valid;

  async function meet(
    first: Action,
    second: Action,
    commits: boolean,
  ): Promise<{ outcome: Outcome; hasWaited: boolean }> {
    const family = await putFamily(on, begun);
    const met = await overlap(
      (deps) => act(deps, family, first),
      (deps) => act(deps, family, second),
      commits,
    );
    const outcome = { answers: [met.first, met.second], ...(await observe(on.deps, family)) };
    return { outcome, hasWaited: met.hasWaited };
  }

  /** Does the first without committing, starts the second, and lets the first commit, or roll back, once that waits or is done. */
  async function overlap<First, Second>(
    first: (deps: AuthDeps) => Promise<First>,
    second: (deps: AuthDeps) => Promise<Second>,
    commits: boolean,
  ): Promise<{ first: First; second: Second; hasWaited: boolean }> {
    const done = Promise.withResolvers<First>();
    const go = Promise.withResolvers<void>();
    const rollback = new Error("rolled back");
    const holding = here.db
      .transaction(async (tx) => {
        done.resolve(await first({ ...on.deps, db: tx }));
        await go.promise;
        if (!commits) throw rollback;
      })
      .catch((error: unknown) => {
        done.reject(error);
        if (error !== rollback) throw error;
      });
    const answer = await done.promise;
    let isDone = false;
    const coming = second({ ...on.deps, db: there.db }).finally(() => {
      isDone = true;
    });
    const hasWaited = await waits(() => isDone);
    go.resolve();
    await holding;
    return { first: answer, second: await coming, hasWaited };
  }

  /** True as soon as a connection waits for a lock of another; false when the work is done without. */
  async function waits(isDone: () => boolean): Promise<boolean> {
    const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while (!isDone()) {
      if ((await here.query(waiting)).length > 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return false;
  }
});

async function act(deps: AuthDeps, family: Family, action: Action): Promise<number | string> {
  try {
    if (!isPresentation(action)) return await carryOut(deps, family, { name: action });
    const token = deps.refreshTokens.issue(family.sessionId, presented[action]);
    const { refreshToken } = await refresh(deps, { token }, someone);
    return deps.refreshTokens.read(refreshToken)?.generation ?? "not readable";
  } catch (error) {
    if (error instanceof Refusal) return error.reason ?? "refused";
    throw error;
  }
}

/** What must come of actions that are done one after the other, by the rules. */
function inOrder(wanted: readonly Action[]): Outcome {
  let outcome: Outcome = { answers: [], row: begun, audit: [], revoked: [] };
  for (const action of wanted) {
    const { answer, row, audit, revoked } = isPresentation(action)
      ? renewed(outcome.row, presented[action])
      : expected(outcome.row, { name: action });
    outcome = {
      answers: [...outcome.answers, answer],
      row,
      audit: [...outcome.audit, ...audit],
      revoked: [...outcome.revoked, ...revoked],
    };
  }
  return outcome;
}

function renewed(row: FamilyRow, generation: number) {
  const rotated = expected(row, { name: "rotate", generation, crash: false });
  if (rotated.answer !== "missed") return rotated;
  return expected(row, { name: "settle", generation, ago: 0, crash: false });
}

function isPresentation(action: Action): action is keyof typeof presented {
  return action in presented;
}
