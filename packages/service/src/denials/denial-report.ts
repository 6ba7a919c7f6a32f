import { isService, type ServiceName } from "@countersign/access";
import { z } from "zod";

/** The topic on which every service publishes what it refused, for the auth service to write down. */
export const denialTopic = "denials";

const text = z.string().max(256);

/** Who refuses: a service, or the door before all of them. */
export type Reporter = ServiceName | "gateway";

/** Whether a name is that of a service, or of the gateway. */
export function isReporter(name: string): name is Reporter {
  return name === "gateway" || isService(name);
}

/** What one report says: so many refusals of one kind, to one caller. */
export const denialReport = z.object({
  /** The service that refused. */
  service: text.refine(isReporter),
  /** The path of the procedure; `*` when the refusals were too many to be told apart. */
  procedure: text,
  /** A word for the cause, such as a token error's code. */
  reason: text,
  userId: text.nullable(),
  /** The calling service, if there was one. */
  caller: text.nullable(),
  /** The client's, as `addressKey` has it; null when the refusals were too many to be told apart. */
  address: text.nullable(),
  /** Of the first refusal that is counted here. */
  requestId: text,
  count: z.int().positive(),
  /** When the first and the last of them were, in epoch milliseconds. */
  firstAt: z.number(),
  lastAt: z.number(),
});

/** One line on refusals, before it is signed. */
export type DenialReport = z.output<typeof denialReport>;
