import { describeDatabases } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth } from "./open-test-auth.ts";
import { expected } from "./refresh-expected.ts";
import {
  commitWithoutDisk,
  type FamilyDeps,
  type FamilyRow,
  familyPassword,
  type Operation,
  perform,
  type Result,
} from "./refresh-family.ts";
import { type Check, type Client, type Moment, type Performs, walk } from "./refresh-walk.ts";

const begun: FamilyRow = { generation: 0, rotatedAgo: 0, end: null, status: "active" };
/** Some hundred operations on a database, each with a dozen statements: a second or two, on a busy machine many more. */
const patience = 120_000;

const newClient: Client = { held: 0, left: 2, pending: null };
const start = (clients: number, faults: number): Moment => ({
  row: begun,
  clients: Array.from({ length: clients }, () => newClient),
  faults,
  written: [],
});

/**
 * Every schedule of clients that share a family, each refresh in its two halves, with lost answers, crashes before and
 * after a commit, the passage of the grace, and all that ends a session. The schedules are walked with what the database
 * really does: whatever is done to a row is done once on each database, to a row of its own, and remembered.
 */
describeDatabases("every interleaving of refreshes", { migrations }, (open, { kind, openAgain }) => {
  let on: FamilyDeps;
  const results = new Map<string, { row: FamilyRow; operation: Operation; result: Result }>();
  let close = () => Promise.resolve();
  beforeAll(async () => {
    let database = await open();
    if (kind === "postgres") {
      await commitWithoutDisk(database);
      const own = await openAgain();
      close = () => own.close();
      database = own;
    }
    const { auth } = await openTestAuth(database);
    on = { deps: auth.deps, passwordHash: await auth.deps.passwords.hash(familyPassword) };
  });
  afterAll(() => close());

  const performs: Performs = async (row, operation) => {
    const key = JSON.stringify([row, operation]);
    const known = results.get(key);
    if (known !== undefined) return known.result;
    const result = await perform(on, row, operation);
    results.set(key, { row, operation, result });
    return result;
  };

  describe.each([
    { clients: 3, faults: 1, schedules: 415_488 },
    { clients: 2, faults: 2, schedules: 40_608 },
  ])("$schedules of $clients clients, each twice, with up to $faults faults", ({ clients, faults, schedules }) => {
    it(
      "have one lineage, lose no session without a cause, and end a family whose token is reused",
      async () => {
        const walked = await walk(start(clients, faults), performs, checkStep);
        expect(Number(walked.schedules)).toBe(schedules);
      },
      patience,
    );
  });

  it(
    "of one client that tries again in time never end its session, whatever gets lost",
    async () => {
      const lost: string[] = [];
      await walk(start(1, 2), performs, (before, step, after) => {
        checkStep(before, step, after);
        const isOwnDoing = step.client !== null && before.row.end === null && after.row.end !== null;
        if (isOwnDoing && before.row.rotatedAgo <= 10) lost.push(JSON.stringify({ before, step, after }));
      });
      expect(lost).toEqual([]);
    },
    patience,
  );

  it("leaves exactly one generation that can be renewed in a running family, and none in one that has ended", async () => {
    await walk(start(2, 1), performs, checkStep);
    const rows = new Map([...results.values()].map(({ result: { row } }) => [JSON.stringify(row), row]));
    expect(rows.size).toBeGreaterThan(20);
    for (const row of rows.values()) {
      const answers = [];
      for (let generation = 0; generation <= row.generation + 1; generation += 1) {
        const { answer } = await performs(row, { name: "rotate", generation, crash: false });
        if (typeof answer === "number") answers.push(answer);
      }
      expect([row, answers]).toEqual([row, row.end === null ? [row.generation + 1] : []]);
    }
  });

  it("names every kind of reuse", async () => {
    const probes = [
      { generation: 4, rotatedAgo: 10, answer: 5 },
      { generation: 4, rotatedAgo: 10.001, answer: "late_predecessor" },
      { generation: 3, rotatedAgo: 0, answer: "older_generation" },
      { generation: 6, rotatedAgo: 0, answer: "unknown_generation" },
    ];
    for (const { generation, rotatedAgo, answer } of probes) {
      const row = { ...begun, generation: 5, rotatedAgo };
      expect(await performs(row, { name: "settle", generation, ago: 0, crash: false })).toMatchObject({ answer });
    }
  });

  it("did to every row what the rules say, with its lines in the audit log and its revocations", async () => {
    await walk(start(2, 1), performs, checkStep);
    const done = [...results.values()];
    const wanted = done.map(({ row, operation }) => ({ row, operation, result: expected(row, operation) }));
    expect(done).toEqual(wanted);
  });
});

/** What must hold of every step, said without the rules. */
const checkStep: Check = (before, step, after) => {
  const { row, result } = after;
  const where = JSON.stringify({ before, step, after });
  const grown = row.generation - before.row.generation;
  if (grown !== 0 && !(grown === 1 && before.row.end === null && step.client !== null)) fail("A lineage split", where);
  if (before.row.end !== null && row.end !== before.row.end) fail("An end changed", where);
  const isNewlyOver = before.row.end === null && row.end !== null;
  if (isNewlyOver !== (result !== null && result.revoked.length === 1))
    fail("A session ended with its tokens, or not", where);
  if (after.written.length !== (row.end === null ? 0 : 1)) fail("A session was lost without a cause", where);
  const answer = result?.answer ?? "silent";
  if (typeof answer === "number" && answer !== row.generation) fail("An answer was not the newest", where);
  if (typeof answer === "number" && row.end !== null) fail("A session that is over was renewed", where);
  const isRefused = !["missed", "crashed", "silent"].includes(String(answer)) && typeof answer === "string";
  if (isRefused && row.end === null) fail("A running session was refused", where);
  if (isRefused && answer !== "session_ended" && !after.written.includes(`reuse: ${answer}`))
    fail("Reuse was not named", where);
};

function fail(what: string, where: string): never {
  throw new Error(`${what}: ${where}`);
}
