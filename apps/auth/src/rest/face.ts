import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { type Requester, requesterOf } from "../requester.ts";
import { refuse } from "./refuse.ts";

/** One REST request as its handler sees it. */
export type RestCall = {
  readonly request: Request;
  readonly from: Requester;
  /** Headers of the answer, also of a refusal. */
  readonly headers: Headers;
};

/** Does the work of one route; what it gives becomes the JSON of the answer. */
export type RestHandler = (call: RestCall) => Promise<object>;

/** Adds `POST <path>` to the app: JSON out, never kept by a cache, and every error in its place in the table. */
export function post(app: ServiceApp, chassis: Chassis, [path, handler]: readonly [string, RestHandler]): void {
  app.post(path, async (c) => {
    const arrived = readArrived(c, chassis);
    const { request, requestId } = arrived;
    const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
    try {
      const from = requesterOf(arrived);
      return Response.json(await handler({ request, from, headers }), { headers });
    } catch (error) {
      const refusal = chassis.gate.toRefusal(error);
      if (refusal.code === "INTERNAL_SERVER_ERROR") {
        chassis.log.error({ err: refusal.cause ?? refusal, requestId, path }, "A request failed.");
      }
      return refuse(refusal, requestId, { headers, issuer: chassis.issuer });
    }
  });
}
