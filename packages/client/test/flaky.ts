import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { z } from "zod";

import type { Fetch } from "../src/fetch.ts";

const t = initTRPC.create();

/** A callee in process that fails when it is told to. */
export type Flaky = {
  readonly fetch: Fetch;
  /** What the next calls meet, one each, before they are answered: throwing inside is an error of the callee's. */
  next(...faults: Fault[]): void;
  /** Forgets what was told and has not happened. */
  calm(): void;
  /** Every call that arrived, or was on its way. */
  readonly calls: string[];
  readonly headers: Headers[];
  /** The Retry-After header of its answers. */
  retryAfter: string | null;
};

type Fault = () => unknown;

/** With the query `read` and the mutation `write`, both of which give their names, and as every service says what they are. */
export function createFlaky(): Flaky {
  const faults: Fault[] = [];
  const router = t.router({
    read: t.procedure.input(z.unknown()).query(() => work("read")),
    write: t.procedure.input(z.unknown()).mutation(() => work("write")),
  });
  async function work(name: string): Promise<string> {
    await faults.shift()?.();
    return name;
  }
  const flaky: Flaky = {
    next: (...told) => void faults.push(...told),
    calm: () => void faults.splice(0),
    calls: [],
    headers: [],
    retryAfter: null,
    async fetch(input, init) {
      const request = new Request(input, init);
      const name = request.url.split("/").at(-1) ?? "";
      flaky.calls.push(name);
      flaky.headers.push(request.headers);
      if (faults[0]?.name.endsWith("Connection")) faults.shift()?.();
      const type = name === "read" ? "query" : "mutation";
      const retry: Record<string, string> = flaky.retryAfter === null ? {} : { "retry-after": flaky.retryAfter };
      const responseMeta = () => ({ headers: new Headers({ "x-procedure-type": type, ...retry }) });
      return fetchRequestHandler({ endpoint: "/trpc", req: request, router, allowMethodOverride: true, responseMeta });
    },
  };
  return flaky;
}
