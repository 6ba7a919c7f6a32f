import { Refusal } from "@countersign/context";
import type { Route } from "../routes.ts";

/** The most calls that one request may carry, as the services themselves have it: at auth one, elsewhere 20. */
export function maxCallsOf(route: Route | null): number {
  return route?.face === "trpc" && route.service !== "auth" ? 20 : 1;
}

/** How many calls a request carries, told by its path alone: a batch names its procedures there, whatever its body says. */
export function callsOf(route: Route | null): number {
  if (route?.face !== "trpc") return 1;
  const [procedures = ""] = route.path.split("?", 1);
  return procedures.split(",").length;
}

/** Refuses a batch that its service would refuse, before it costs anything: BAD_REQUEST. */
export function checkBatch(route: Route | null): void {
  const most = maxCallsOf(route);
  if (callsOf(route) <= most) return;
  const calls = most === 1 ? "one call" : `${most} calls at most`;
  throw new Refusal("BAD_REQUEST", `A request here carries ${calls}.`, { reason: "batch_size" });
}
