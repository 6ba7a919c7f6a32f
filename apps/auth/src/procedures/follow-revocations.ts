import { callersOf } from "@countersign/access";
import { serviceProcedure } from "@countersign/context";
import { z } from "zod";
import type { RouterDeps } from "../deps.ts";

/** tRPC fills it in from the header `Last-Event-ID` as well. */
const input = z.object({ lastEventId: z.string().max(64).optional() }).optional();

/** What ended, as it ends, for every service that may call auth: a snapshot first, or what came after a position. */
export const followRevocations = ({ revocationFeed }: RouterDeps) =>
  serviceProcedure(...callersOf("auth"))
    .input(input)
    .subscription(({ ctx, input: given, signal = AbortSignal.abort() }) =>
      revocationFeed.follow(ctx.request, { after: given?.lastEventId, signal }),
    );
