import { type Ending, endings, type FamilyRow, type Operation, type Result } from "./refresh-family.ts";

/** One holder of the family's tokens: what it holds, how many refreshes it will do, and the one that is half done. */
export type Client = {
  readonly held: number;
  readonly left: number;
  readonly pending: { readonly generation: number; readonly ago: number } | null;
};

/** A moment between two steps. `written` is what the audit log says of the session's end so far. */
export type Moment = {
  readonly row: FamilyRow;
  readonly clients: readonly Client[];
  readonly faults: number;
  readonly written: readonly string[];
};

/** One step: what is done to the database, and what the client makes of the answer, if it arrives. */
export type Step = {
  readonly client: number | null;
  readonly does: Operation | "grace passes";
  readonly isHeard: boolean;
};

export type Walked = { readonly moments: number; readonly steps: number; readonly schedules: bigint };

/** Does an operation to a row; the same row and operation always give the same result. */
export type Performs = (row: FamilyRow, operation: Operation) => Promise<Result>;
export type Check = (before: Moment, step: Step, after: Moment & { readonly result: Result | null }) => void;

/**
 * Walks every schedule there is: at each moment any client may go on with its next half of a refresh, and as long as
 * there are faults left any of them may happen. Moments that are alike are walked once; clients are alike too.
 *
 * @returns how many different moments and steps there are, and how many schedules lead through them
 */
export async function walk(start: Moment, performs: Performs, check: Check): Promise<Walked> {
  const schedulesFrom = new Map<string, bigint>();
  let steps = 0;

  async function visit(moment: Moment): Promise<bigint> {
    const key = keyOf(moment);
    const known = schedulesFrom.get(key);
    if (known !== undefined) return known;
    let schedules = 0n;
    for (const step of stepsFrom(moment)) {
      const { after, result } = await take(moment, step, performs);
      steps += 1;
      check(moment, step, { ...after, result });
      schedules += await visit(after);
    }
    schedulesFrom.set(key, schedules === 0n ? 1n : schedules);
    return schedules === 0n ? 1n : schedules;
  }

  const schedules = await visit(start);
  return { moments: schedulesFrom.size, steps, schedules };
}

function keyOf({ row, clients, faults, written }: Moment): string {
  const sorted = clients.map((client) => JSON.stringify(client)).toSorted();
  return JSON.stringify([row, sorted, faults, written]);
}

function stepsFrom({ row, clients, faults }: Moment): readonly Step[] {
  const steps: Step[] = clients.flatMap(({ held, left, pending }, client): Step[] => {
    if (pending === null && left === 0) return [];
    const does = (crash: boolean): Operation =>
      pending === null ? { name: "rotate", generation: held, crash } : { name: "settle", ...pending, crash };
    const goesOn: Step = { client, does: does(false), isHeard: true };
    if (faults === 0) return [goesOn];
    return [goesOn, { ...goesOn, isHeard: false }, { client, does: does(true), isHeard: false }];
  });
  if (faults === 0 || steps.length === 0) return steps;
  const fromOutside = ["grace passes", ...(row.end === null ? endings : (["logout"] as const))] as const;
  return [...steps, ...fromOutside.map((what): Step => ({ client: null, does: toDoing(what), isHeard: false }))];
}

function toDoing(what: Ending | "grace passes"): Step["does"] {
  return what === "grace passes" ? what : { name: what };
}

const longerThanGrace = 11;

async function take(moment: Moment, step: Step, performs: Performs): Promise<{ after: Moment; result: Result | null }> {
  const { does, client, isHeard } = step;
  const faults = moment.faults - (client === null || !isHeard ? 1 : 0);
  if (does === "grace passes") return { after: { ...later(moment), faults }, result: null };
  const result = await performs(moment.row, does);
  const clients = moment.clients.map((one, index) => (index === client ? hears(one, step, result.answer) : one));
  const written = [...moment.written, ...result.audit];
  return { after: { row: result.row, clients, faults, written }, result };
}

function later({ row, clients, ...rest }: Moment): Omit<Moment, "faults"> {
  const moved = clients.map((client) =>
    client.pending === null
      ? client
      : { ...client, pending: { ...client.pending, ago: client.pending.ago + longerThanGrace } },
  );
  return { ...rest, row: { ...row, rotatedAgo: row.rotatedAgo + longerThanGrace }, clients: moved };
}

/** A client that hears nothing tries again with what it holds; one that is refused presents it again all the same. */
function hears(client: Client, { isHeard }: Step, answer: Result["answer"]): Client {
  if (!isHeard) return { ...client, pending: null };
  if (answer === "missed") return { ...client, pending: { generation: client.held, ago: 0 } };
  return { held: typeof answer === "number" ? answer : client.held, left: client.left - 1, pending: null };
}
