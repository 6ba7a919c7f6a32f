import { type Forward, type Incoming, type Outgoing, TransportError } from "@countersign/service";
import { createWaiting, type Waiting } from "./waiting.ts";

/** A request that is still without an address. */
export type Unaddressed = Omit<Outgoing, "origin">;

/** The instances of one service. */
export type Pool = {
  /**
   * Sends a request to the instance that has the fewest under way. One that cannot be reached is left out at once, and
   * the request goes to another one if it is safe to send again.
   *
   * @throws {TransportError} when no answer began
   */
  send(request: Unaddressed): Promise<Incoming>;
};

export type PoolDeps = {
  readonly forward: Forward;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What an instance is asked to learn whether it can work, and which answers say that it can. */
  readonly probe: { readonly method: string; readonly path: string; readonly isGood: (status: number) => boolean };
};

type Instance = {
  readonly origin: string;
  underWay: number;
  isOut: boolean;
  /** How often in a row it has not even said that it is not well. */
  silences: number;
  readonly waiting: Waiting;
};

/** How often instances are asked while there are requests, and how long each may take to say that it is well. */
const probeEveryMs = 500;
const probeLimitMs = 500;

const mostAttempts = 3;

/** One silence may be a pause, and whoever is only slow is not asked everything twice. */
const silencesOfHanging = 2;

/**
 * A pool over these origins. With one there is nothing to choose and nothing to ask. With more, each request that comes
 * half a second after the last round, or waits for so long, has all of them asked, beside it, whether they can work: one
 * that hangs is left out within a second, with the next silence also by the requests that wait there and change nothing,
 * and one that is back is used again. When none is well, all of them are tried.
 */
export function createPool(origins: readonly string[], { forward, now, probe }: PoolDeps): Pool {
  const [only, ...others] = origins;
  if (only !== undefined && others.length === 0) return { send: (request) => forward({ ...request, origin: only }) };
  const instances = origins.map(
    (origin): Instance => ({ origin, underWay: 0, isOut: false, silences: 0, waiting: createWaiting() }),
  );
  let probedAt = Number.NEGATIVE_INFINITY;
  let turn = 0;

  function choose(tried: ReadonlySet<Instance>): Instance | undefined {
    turn = (turn + 1) % instances.length;
    let chosen: Instance | undefined;
    for (let offset = 0; offset < instances.length; offset += 1) {
      const candidate = instances[(turn + offset) % instances.length];
      if (candidate !== undefined && !tried.has(candidate) && isBetter(candidate, chosen)) chosen = candidate;
    }
    return chosen;
  }

  async function attempt(request: Unaddressed, instance: Instance): Promise<Incoming> {
    instance.underWay += 1;
    const again = setInterval(askAll, probeEveryMs);
    try {
      const answer = forward({ ...request, origin: instance.origin });
      return await (mayMove(request) ? instance.waiting.answer(answer) : answer);
    } catch (error) {
      if (error instanceof TransportError && (error.code === "unreachable" || error.isUnsent)) instance.isOut = true;
      throw error;
    } finally {
      clearInterval(again);
      instance.underWay -= 1;
    }
  }

  /** Never rejects. */
  async function ask(instance: Instance): Promise<void> {
    const { method, path, isGood } = probe;
    const signal = AbortSignal.timeout(probeLimitMs);
    const isGone = () => signal.aborted;
    const request = { method, path, headers: {}, body: null, isGone, timeoutMs: probeLimitMs };
    try {
      const { status, body } = await forward({ ...request, origin: instance.origin });
      if (body instanceof ReadableStream) await body.cancel();
      instance.isOut = !isGood(status);
      instance.silences = 0;
    } catch {
      instance.isOut = true; // why does not matter: it is asked again
      instance.silences += 1;
      const isHanging = instance.silences >= silencesOfHanging;
      if (isHanging && instances.some((other) => !other.isOut)) instance.waiting.leave();
    }
  }

  /** Beside the request that it comes with, which does not wait for it. */
  function askAll(): void {
    if (now() - probedAt < probeEveryMs) return;
    probedAt = now();
    for (const instance of instances) ask(instance).catch(() => undefined); // it never rejects
  }

  return {
    async send(request) {
      askAll();
      const tried = new Set<Instance>();
      for (;;) {
        const instance = choose(tried);
        if (instance === undefined) throw new TransportError("unreachable");
        tried.add(instance);
        try {
          return await attempt(request, instance);
        } catch (error) {
          const isLast = tried.size === Math.min(instances.length, mostAttempts);
          if (isLast || !mayRepeat(request, error)) throw error;
        }
      }
    },
  };
}

function isBetter(candidate: Instance, chosen: Instance | undefined): boolean {
  if (chosen === undefined) return true;
  if (candidate.isOut !== chosen.isOut) return chosen.isOut;
  return candidate.underWay < chosen.underWay;
}

/**
 * Whether a request may be sent again: when nothing of it was sent, or when it changes nothing. A body that is still on
 * its way cannot be, and a service that is slow is not asked twice.
 */
function mayRepeat(request: Unaddressed, error: unknown): boolean {
  if (!(error instanceof TransportError) || request.body instanceof ReadableStream) return false;
  return error.isUnsent || (failedAlone.has(error.code) && mayMove(request));
}

/** What one instance may do while another one answers well. */
const failedAlone: ReadonlySet<TransportError["code"]> = new Set(["unreachable", "malformed", "broken_off"]);

/** RFC 9110 §9.2.1: it changes nothing. */
function mayMove({ method }: Unaddressed): boolean {
  return method === "GET" || method === "HEAD";
}
