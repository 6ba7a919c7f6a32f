import { Refusal } from "@countersign/context";
import { addressPath, createFairShares } from "@countersign/service";
import type { LoadLimits } from "./deps.ts";
import type { PassingRoute } from "./routes.ts";

/** Decides whether a request is taken on. */
export type Shedder = {
  /**
   * Takes it on, or refuses it before it costs anything.
   *
   * @returns what is to be called once its answer begins, or none will
   * @param address the client's
   * @throws Refusal SERVICE_UNAVAILABLE, with Retry-After, when there is too much under way already, in all or of this address
   */
  enter(route: PassingRoute, address: string): () => void;
};

/**
 * Turns requests away while the process still has the time to say so: when it is late with its work, and when too many
 * answers have not begun. Sign-ins wait for a hash each: they have a smaller share of their own, so that a flood of them
 * leaves room for everyone who is signed in. Of either, one address has as many as are left for everybody else
 * (`createFairShares`): a flood of one keeps nobody else out.
 */
export function createShedder(limits: LoadLimits = {}): Shedder {
  const { inFlight = 1_000, signIns = 100, delayMs = () => 0, maxDelayMs = 400 } = limits;
  const all = createFairShares(inFlight);
  const ofSignIns = createFairShares(signIns);

  return {
    enter(route, address) {
      if (delayMs() > maxDelayMs) throw overloaded("late", all.held());
      const holder = addressPath(address);
      const leave = all.take(holder);
      if (leave === null) throw overloaded("in_flight", all.held());
      if (!signsIn(route)) return leave;
      const leaveSignIns = ofSignIns.take(holder);
      if (leaveSignIns === null) {
        leave();
        throw overloaded("sign_ins", ofSignIns.held());
      }
      return () => {
        leave();
        leaveSignIns();
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
