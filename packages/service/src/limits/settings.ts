import { z } from "zod";
import type { LimitSize } from "./limiter.ts";
import { parseSizes, sizesHint } from "./parse-sizes.ts";

/** The settings of everything that counts calls; `.env.example` has a line on each. */
export const limitSettings = {
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/[^/]+/, 'is "redis://host:6379" or "rediss://…", or unset')
    .optional(),
  LIMITS: z.string().optional().transform(toSizes),
};

function toSizes(text: string | undefined, issues: z.RefinementCtx): ReadonlyMap<string, LimitSize> {
  const sizes = text === undefined ? new Map<string, LimitSize>() : parseSizes(text);
  if (sizes !== null) return sizes;
  issues.addIssue({ code: "custom", message: sizesHint });
  return z.NEVER;
}
