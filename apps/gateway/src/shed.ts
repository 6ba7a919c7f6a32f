import { Refusal } from "@countersign/context";
import type { LoadLimits } from "./deps.ts";
import type { PassingRoute } from "./routes.ts";

/** Decides whether a request is taken on. */
export type Shedder = {
  /**
   * Takes it on, or refuses it before it costs anything.
   *
   * @returns what is to be called once its answer begins, or none will
   * @throws Refusal SERVICE_UNAVAILABLE, with Retry-After, when there is too much under way already
   */
  enter(route: PassingRoute): () => void;
};

/**
 * Turns requests away while the process still has the time to say so: when it is late with its work, and when too many
 * answers have not begun. Sign-ins wait for a hash each: they have a smaller share of their own, so that a flood of them
 * leaves room for everyone who is signed in.
 */
export function createShedder(limits: LoadLimits = {}): Shedder {
  const { inFlight = 1_000, signIns = 100, delayMs = () => 0, maxDelayMs = 400 } = limits;
  let under = 0;
  let signingIn = 0;

  return {
    enter(route) {
      const isSignIn = signsIn(route);
      if (delayMs() > maxDelayMs) throw overloaded("late", under);
      if (under >= inFlight) throw overloaded("in_flight", under);
      if (isSignIn && signingIn >= signIns) throw overloaded("sign_ins", signingIn);
      under += 1;
      if (isSignIn) signingIn += 1;
      return () => {
        under -= 1;
        if (isSignIn) signingIn -= 1;
      };
    },
  };
}

const signInPath = /^\/(auth\/(login|register)|trpc\/([^?]*,)?(login|register|changePassword)(,[^?]*)?)(\?|$)/;

function signsIn(route: PassingRoute): boolean {
  return "service" in route && route.service === "auth" && signInPath.test(route.path);
}

/** Those who are turned away together are told to come again at different times. */
function overloaded(reason: string, turn: number): Refusal {
  const options = { reason: `overloaded_${reason}`, retryAfterSeconds: 1 + (turn % 3) };
  return new Refusal("SERVICE_UNAVAILABLE", "Too much is going on at this moment; try again.", options);
}
