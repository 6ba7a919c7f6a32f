import { userFacingServices } from "@countersign/access";
import type { Operation, TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { tap } from "@trpc/server/observable";

import { renewing } from "./renewing.ts";
import { sendAlone } from "./send-alone.ts";
import type { Session } from "./session.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Makes an access token's end go unnoticed: a call that is refused with UNAUTHORIZED renews the session, together with
 * all others that were refused meanwhile, and is then sent once more; it cannot have done anything the first time. A
 * subscription goes on after the last item that it got, and outlives any number of tokens.
 * When the session is over the refusal stands. When auth cannot be asked the call fails with SERVICE_UNAVAILABLE
 * instead, for nobody said that the user is signed out. Calls that sign in or out themselves renew nothing, nor do those
 * to a service that no user's token is meant for.
 */
export function refreshLink(session: Session): TRPCLink<AnyTRPCRouter> {
  return () =>
    ({ op, next }) => {
      if (signsIn.includes(op.path))
        return sendAlone(op, { session, send: (own) => next(own).pipe(tap({ complete: () => session.began() })) });
      if (leavesAlone.includes(op.path)) return sendAlone(op, { session, send: next });
      if (!facesUsers(op)) return next(op);
      return untilAborted(op, renewing(op, { session, send: next }));
    };
}

const signsIn = ["auth.login", "auth.register"];
const leavesAlone = ["auth.refresh", "auth.logout"];

function facesUsers({ path }: Operation): boolean {
  return userFacingServices.some((name) => path.startsWith(`${name}.`));
}
