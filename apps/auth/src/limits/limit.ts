import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How many times something may happen for one key within a span of time. */
export type LimitOptions = { readonly points: number; readonly seconds: number };

/** One attempt, taken or refused. */
export type Taken =
  | { readonly allowed: true; giveBack(): Promise<void> }
  | {
      readonly allowed: false;
      readonly retryAfterSeconds: number;
      /** Whether this is the first one refused, and worth a line in the audit log; the rest of a flood is not. */
      readonly first: boolean;
    };

/** Counts attempts by key. */
export type Limit = { readonly take: (key: string) => Promise<Taken> };

/** A limit that this process counts for itself. */
export function createLimit({ points, seconds }: LimitOptions): Limit {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const retryAfterSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        return { allowed: false, retryAfterSeconds, first: refused.consumedPoints === points + 1 };
      }
      return {
        allowed: true,
        async giveBack() {
          await limiter.reward(key);
        },
      };
    },
  };
}
