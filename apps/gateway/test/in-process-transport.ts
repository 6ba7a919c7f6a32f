import { type Forward, TransportError } from "@countersign/service";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A way to services in this process; one that does not answer in time is left behind. */
export function forwardInProcess(fetch: Fetch): Forward {
  return async ({ origin, path, method, headers, body, timeoutMs }) => {
    const init: RequestInit & { duplex: "half" } = { method, headers, body, duplex: "half" };
    const answer = await Promise.race([fetch(origin + path, init).catch(unreachable), late(timeoutMs)]);
    const cookies = answer.headers.getSetCookie();
    const others = [...answer.headers].filter(([name]) => name !== "set-cookie");
    return { status: answer.status, headers: new Map(others), cookies, body: answer.body };
  };
}

function unreachable(error: unknown): never {
  throw new TransportError("unreachable", error);
}

function late(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new TransportError("timed_out")), ms).unref();
  });
}
