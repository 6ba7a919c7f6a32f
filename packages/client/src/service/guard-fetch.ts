import type { ServiceName } from "@countersign/access";

import type { Fetch } from "../fetch.ts";
import type { Circuits } from "./circuits.ts";

/**
 * The same `fetch` behind the circuit of `callee`, for requests that are no calls of procedures: an authorization server
 * that hangs makes everybody wait only until its circuit is open. No answer is an outage, and so is one of 500 or above.
 *
 * @throws {CircuitOpenError} where nothing was sent
 */
export function guardFetch(circuits: Circuits, callee: ServiceName, fetch: Fetch): Fetch {
  return async (input, init) => {
    const request = async (): Promise<Response> => {
      const response = await fetch(input, init);
      if (response.status >= 500) throw new Faulty(response);
      return response;
    };
    try {
      return await circuits.run(callee, request, () => "outage");
    } catch (error) {
      if (error instanceof Faulty) return error.response;
      throw error;
    }
  };
}

class Faulty extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`status ${response.status}`);
    this.response = response;
  }
}
