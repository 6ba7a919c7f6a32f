import { fromSecurityEvent, type Revocation } from "@countersign/context";
import { z } from "zod";
import { claimsOf } from "./requests.ts";

const event = z.object({ set: z.string() });
const claims = z.object({
  sub_id: z.record(z.string(), z.unknown()),
  events: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** The revocation that an event on the bus says; null for one that says none, such as a heartbeat. */
export function revocationIn(data: unknown): Revocation | null {
  const { sub_id: subject, events } = claims.parse(claimsOf(event.parse(data).set));
  const [[type, members] = ["", {}]] = Object.entries(events);
  return type.endsWith(":heartbeat") ? null : fromSecurityEvent({ subject, type, event: members });
}
