import type { ServiceName } from "@countersign/access";

import type { Fetch } from "../fetch.ts";

/** The header in which a service says of the procedure that was called whether it is a query or a mutation. */
export const procedureTypeHeader = "x-procedure-type";

/**
 * Which procedures of other services are queries. Only types cross between services, so nothing says it at run time but
 * the callee's own answers: a procedure is taken for a mutation until one was seen that says otherwise.
 */
export type ProcedureTypes = {
  /** The same `fetch`, which reads every answer of `callee`. */
  learnFrom(callee: ServiceName, fetch: Fetch): Fetch;
  isQuery(callee: ServiceName, path: string): boolean;
};

/** Knows nothing yet, and later at most the queries that the callees have. */
export function createProcedureTypes(): ProcedureTypes {
  const queries = new Set<string>();
  return {
    learnFrom: (callee, fetch) => async (input, init) => {
      const answer = await fetch(input, init);
      const type = answer.headers.get(procedureTypeHeader);
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (type === "query") queries.add(`${callee}${pathname}`);
      else if (type !== null) queries.delete(`${callee}${pathname}`); // it became a mutation with a newer release
      return answer;
    },
    isQuery: (callee, path) => queries.has(`${callee}/trpc/${path}`),
  };
}
