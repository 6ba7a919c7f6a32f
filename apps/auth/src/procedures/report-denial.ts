import { callersOf } from "@countersign/access";
import { Refusal, serviceProcedure } from "@countersign/context";
import { BusError } from "@countersign/events";
import { denialReport, denialTopic } from "@countersign/service";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";

const input = z.object({ key: z.string().min(1).max(256), data: denialReport });

/**
 * Takes what a service refused, where it has no bus to say so on, and puts it on ours. A service speaks for itself only:
 * FORBIDDEN for a report in another's name.
 */
export const reportDenial = ({ bus }: RouterDeps) =>
  serviceProcedure(...callersOf("auth"))
    .input(input)
    .mutation(async ({ ctx, input: { key, data } }): Promise<null> => {
      if (data.service !== ctx.service.name) throw new Refusal("FORBIDDEN", undefined, { reason: "another_service" });
      try {
        await bus.publish(denialTopic, { key, data });
      } catch (cause) {
        if (!(cause instanceof BusError)) throw cause;
        throw new Refusal("SERVICE_UNAVAILABLE", undefined, { cause, reason: "bus_unavailable", retryAfterSeconds: 5 });
      }
      return null;
    });
