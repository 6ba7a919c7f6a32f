import { Refusal } from "@countersign/context";
import { describeDatabases } from "@countersign/testing";
import { and, eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { registerUser } from "../../test/requests.ts";
import { audit, sessions } from "../schema.ts";
import { refresh } from "./refresh.ts";
import { signOut } from "./sign-out.ts";

/**
 * Every sequence of what clients, thieves and time can do to a session, up to a length, against a model of what must
 * come of it; and every pair of them at the same moment, which must come out as one order or the other would.
 * An answer that was lost on its way is a client that presents the same token again.
 */
const steps = ["newest", "previous", "older", "never issued", "ten seconds", "eleven seconds", "logout"] as const;
type Step = (typeof steps)[number];

/** A session as the model has it; seconds. */
type Model = { generation: number; rotatedAt: number; now: number; end: "logout" | "reuse" | null };

/** What a step presented and what came of it: the generation that was given, or a refusal. */
type Outcome = number | "refused" | "nothing";

const grace = 10;
const from = { requestId: "model-test", address: "192.0.2.1", userAgent: null };

/** The one place that says what should happen. `generation` is what a refresh presents. */
function expected(model: Model, step: Step, generation: number | null): [Model, Outcome] {
  if (step === "ten seconds") return [{ ...model, now: model.now + 10 }, "nothing"];
  if (step === "eleven seconds") return [{ ...model, now: model.now + 11 }, "nothing"];
  if (step === "logout") return [{ ...model, end: model.end ?? "logout" }, "nothing"];
  if (generation === null) return [model, "nothing"];
  if (model.end !== null) return [model, "refused"];
  if (generation === model.generation) {
    return [{ ...model, generation: generation + 1, rotatedAt: model.now }, generation + 1];
  }
  const isRetry = generation === model.generation - 1 && model.now - model.rotatedAt <= grace;
  return isRetry ? [model, model.generation] : [{ ...model, end: "reuse" }, "refused"];
}

/** How far behind the newest generation the token is that a step presents. */
const backwards: Partial<Record<Step, number>> = { newest: 0, previous: 1, older: 2, "never issued": -3 };

/** The generation that a step presents, fixed before it runs; null when there is no such token yet. */
function presents(step: Step, { generation }: Model): number | null {
  const back = backwards[step];
  return back === undefined || generation < back ? null : generation - back;
}

/** A token that was never issued is left to the pairs: to a session it is one more kind of reuse. */
const inSequence = steps.filter((step) => step !== "never issued");

function sequences(length: number): Step[][] {
  return length === 0 ? [[]] : sequences(length - 1).flatMap((begun) => inSequence.map((step) => [...begun, step]));
}

describeDatabases("every way a session can go", { migrations }, (open) => {
  let test: TestAuth;
  let userId: string;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    userId = (await registerUser(test.app, someEmail())).user.id;
  });

  async function begin(): Promise<{ sessionId: string; model: Model }> {
    const sessionId = crypto.randomUUID();
    const now = test.clock.now();
    const moment = new Date(now);
    const end = new Date(now + 1_000_000);
    const times = { rotatedAt: moment, createdAt: moment, lastUsedAt: moment, authenticatedAt: moment };
    const lives = { idleExpiresAt: end, absoluteExpiresAt: end };
    await test.auth.deps.db.insert(sessions).values({ id: sessionId, userId, generation: 0, ...times, ...lives });
    return { sessionId, model: { generation: 0, rotatedAt: now / 1000, now: now / 1000, end: null } };
  }

  async function carryOut(sessionId: string, step: Step, generation: number | null): Promise<Outcome> {
    const { deps } = test.auth;
    if (step === "ten seconds") test.clock.advance(10);
    if (step === "eleven seconds") test.clock.advance(11);
    if (step === "logout") await signOut(deps, { sessionId, reason: "logout", from });
    if (generation === null) return "nothing";
    try {
      const { refreshToken } = await refresh(deps, deps.refreshTokens.issue(sessionId, generation), from);
      return deps.refreshTokens.read(refreshToken)?.generation ?? "refused";
    } catch (error) {
      if (error instanceof Refusal && error.code === "UNAUTHORIZED") return "refused";
      throw error;
    }
  }

  /** What the database says of a session, in the model's terms. */
  async function stateOf(sessionId: string) {
    const { db } = test.auth.deps;
    const [row] = await db.select().from(sessions).where(eq(sessions.id, sessionId));
    const ended = await db
      .select()
      .from(audit)
      .where(and(eq(audit.subject, sessionId), eq(audit.action, "session.ended")));
    return { generation: row?.generation, end: row?.endReason, ends: ended.map(({ reason }) => reason) };
  }

  function stateIn({ generation, end }: Model) {
    return { generation, end, ends: end === null ? [] : [end] };
  }

  it("one after the other", async () => {
    for (const sequence of sequences(3)) {
      const begun = await begin();
      let { model } = begun;
      for (const step of sequence) {
        const generation = presents(step, model);
        const [next, outcome] = expected(model, step, generation);
        expect([sequence, await carryOut(begun.sessionId, step, generation)]).toEqual([sequence, outcome]);
        model = next;
      }
      expect([sequence, await stateOf(begun.sessionId)]).toEqual([sequence, stateIn(model)]);
    }
  }, 120_000);

  it("and any two at the same moment", async () => {
    const moves = steps.filter((step) => !step.endsWith("seconds"));
    const pairs = moves.flatMap((one) => moves.map((other): [Step, Step] => [one, other]));
    const beginnings: Step[][] = [[], ["newest"], ["newest", "newest"], ["newest", "newest", "eleven seconds"]];
    for (const beginning of beginnings) {
      for (const pair of pairs) {
        const begun = await begin();
        let { model } = begun;
        for (const step of beginning) {
          const generation = presents(step, model);
          await carryOut(begun.sessionId, step, generation);
          [model] = expected(model, step, generation);
        }
        const at = pair.map((step) => presents(step, model));
        const [one = null, other = null] = at;
        const outcomes = await Promise.all([
          carryOut(begun.sessionId, pair[0], one),
          carryOut(begun.sessionId, pair[1], other),
        ]);
        const observed = { outcomes, ...(await stateOf(begun.sessionId)) };
        const inOrder = bothOrders(model, pair, [one, other]);
        expect(inOrder, `${beginning.join()} then ${pair.join(" beside ")}`).toContainEqual(observed);
      }
    }
  }, 120_000);

  /** What either order would give; the outcomes stand in the order of the pair. */
  function bothOrders(model: Model, [a, b]: [Step, Step], [atA, atB]: [number | null, number | null]) {
    const [afterA, outcomeA] = expected(model, a, atA);
    const [endAB, laterB] = expected(afterA, b, atB);
    const [afterB, outcomeB] = expected(model, b, atB);
    const [endBA, laterA] = expected(afterB, a, atA);
    return [
      { outcomes: [outcomeA, laterB], ...stateIn(endAB) },
      { outcomes: [laterA, outcomeB], ...stateIn(endBA) },
    ];
  }
});
