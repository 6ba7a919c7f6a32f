import { z } from "zod";
import type { LimitSize } from "./limiter.ts";
import { parseSizes, sizesHint } from "./parse-sizes.ts";
import { findRedisUrlProblem } from "./redis-url.ts";

/** The settings of everything that counts calls; `.env.example` has a line on each. */
export const limitSettings = {
  REDIS_URL: z.string().superRefine(checkRedisUrl).optional(),
  LIMITS: z.string().optional().transform(toSizes),
  MAX_STREAMS_PER_USER: atLeastOne(),
  MAX_STREAMS_PER_ADDRESS: atLeastOne(),
};

function checkRedisUrl(url: string, issues: z.RefinementCtx): void {
  const problem = findRedisUrlProblem(url);
  if (problem !== null) issues.addIssue({ code: "custom", message: problem });
}

function atLeastOne() {
  const words = "is a whole number, 1 or more";
  return z.coerce.number(words).int(words).min(1, words).optional();
}

function toSizes(text: string | undefined, issues: z.RefinementCtx): ReadonlyMap<string, LimitSize> {
  const sizes = text === undefined ? new Map<string, LimitSize>() : parseSizes(text);
  if (sizes !== null) return sizes;
  issues.addIssue({ code: "custom", message: sizesHint });
  return z.NEVER;
}
