import { type Connection, openConnection } from "../harness/drive.ts";
import type { Traffic } from "./traffic.ts";

/** What came of a time under load. */
export type Paced = {
  readonly sent: number;
  /** Answers that are no success, and connections that broke, by what they were. */
  readonly failures: ReadonlyMap<string, number>;
  /** Milliseconds of each request, from when it was due: a server that stalls is late for all that wait. */
  readonly times: readonly number[];
};

export type Pace = {
  readonly port: number;
  readonly traffic: Traffic;
  readonly connections: number;
  /** Requests a second; as many as the connections can carry when absent. */
  readonly perSecond?: number;
  readonly seconds: number;
};

/** Sends requests at a steady pace whatever becomes of the ones before, as many users together do. */
export async function pace(load: Pace): Promise<Paced> {
  const failures = new Map<string, number>();
  const times: number[] = [];
  const began = performance.now();
  const until = began + load.seconds * 1000;
  let sent = 0;

  /** When the next request is due; null at the end. */
  function due(): number | null {
    const at = load.perSecond === undefined ? performance.now() : began + (sent * 1000) / load.perSecond;
    if (at >= until) return null;
    sent += 1;
    return at;
  }

  async function lane(): Promise<void> {
    let connection: Connection = await openConnection(load.port);
    for (let at = due(); at !== null; at = due()) {
      const early = at - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      try {
        const { status } = await connection.send(load.traffic.next());
        if (status !== 200) count(`status ${status}`);
      } catch (error) {
        count(error instanceof Error ? error.message.replace(/\d+/, "n") : "unknown");
        connection.close();
        connection = await openConnection(load.port);
      }
      times.push(performance.now() - at);
    }
    connection.close();
  }

  function count(failure: string): void {
    failures.set(failure, (failures.get(failure) ?? 0) + 1);
  }

  await Promise.all(Array.from({ length: load.connections }, lane));
  return { sent, failures, times };
}
