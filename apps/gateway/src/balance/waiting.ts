import { type Incoming, TransportError } from "@countersign/service";

/** The requests that wait for one instance to begin its answer, and that another one may answer as well. */
export type Waiting = {
  /** Gives this answer, or rejects as `unreachable` once the instance is left. */
  answer(coming: Promise<Incoming>): Promise<Incoming>;
  /** Lets all that wait now go elsewhere; an answer that has begun stays, however long it lasts. */
  leave(): void;
};

export function createWaiting(): Waiting {
  const leaving = new Set<() => void>();
  return {
    answer(coming) {
      return new Promise((resolve, reject) => {
        const leave = () => {
          reject(new TransportError("unreachable"));
          coming.then(discard).catch(() => undefined); // who asked has gone elsewhere
        };
        leaving.add(leave);
        coming.then(resolve, reject).finally(() => leaving.delete(leave));
      });
    },
    leave() {
      for (const leave of leaving) leave();
      leaving.clear();
    },
  };
}

async function discard({ body }: Incoming): Promise<void> {
  if (body instanceof ReadableStream) await body.cancel();
}
