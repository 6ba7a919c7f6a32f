import { callersOf } from "@countersign/access";
import { Refusal, serviceProcedure } from "@countersign/context";
import { type DenialReport, denialReport, isEventKeyOf, signedReport } from "@countersign/service";
import { z } from "zod";
import { toDenialLine } from "../audit/denial-line.ts";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";

const input = z.object({ key: z.string().min(1).max(256), data: z.union([signedReport, denialReport]) });
type Event = z.output<typeof input>;

/**
 * Takes what a service refused, where it has no bus to say so on, and writes it into the audit log, once for each key. The
 * caller's token proves who reports; a report that is signed is verified all the same. A service speaks for itself only,
 * under keys of its own: FORBIDDEN for a report in another's name, BAD_REQUEST for one that does not verify.
 */
export const reportDenial = (deps: RouterDeps) =>
  serviceProcedure(...callersOf("auth"))
    .input(input)
    .mutation(async ({ ctx, input: event }): Promise<null> => {
      const received = deps.now();
      const report = await readReport(deps, event);
      const { name } = ctx.service;
      if (report.service !== name) throw new Refusal("FORBIDDEN", undefined, { reason: "another_service" });
      if (!isEventKeyOf(name, event.key)) throw new Refusal("FORBIDDEN", undefined, { reason: "another_key" });
      const { entry, origin } = toDenialLine(report, event.key, { received, longestDelay: deps.auditRetention });
      await record(deps.db, entry, origin);
      return null;
    });

async function readReport({ readDenial }: RouterDeps, { key, data }: Event): Promise<DenialReport> {
  if ("service" in data) return data;
  const found = await readDenial({ key, data });
  if ("report" in found) return found.report;
  throw new Refusal("BAD_REQUEST", undefined, { cause: found.cause, reason: found.refused });
}
