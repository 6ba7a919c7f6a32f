import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import type { RouterDeps } from "../deps.ts";
import { type Requester, requesterOf } from "../requester.ts";
import { clearCookies, clearNamesakes, deliver } from "../sessions/deliver.ts";
import { chooseRefreshToken, ownRefreshTokens } from "../sessions/own-refresh.ts";
import { refresh } from "../sessions/refresh.ts";
import { cameFrom, checkNavigation, readDestination } from "./navigation.ts";
import { refreshPage } from "./refresh-page.ts";
import { refuse } from "./refuse.ts";

/**
 * Adds `GET /auth/continue?to=<path>`: a server that renders pages sends the browser here when the access token has ended,
 * because the refresh cookie comes to `/auth` alone. The session is renewed and the browser sent back with 303 and the new
 * pair; a session that is over loses its cookies, and the page is then rendered signed out. The answer to either leaves a
 * mark for seconds, by which that server knows not to send it here again.
 *
 * It is a GET that changes something, so only a person's own navigation counts: `Sec-Fetch-Dest` and `Sec-Purpose` must
 * say so where they are sent. All that it can be made to do by others is to renew the session early.
 *
 * Refuses with FORBIDDEN what is no navigation, and with BAD_REQUEST a `to` that is not a path of ours.
 */
export function addContinue(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  app.get("/auth/continue", async (c) => {
    const arrived = readArrived(c, chassis);
    const { request, requestId } = arrived;
    const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
    try {
      checkNavigation(request);
      const query = new URL(request.url).searchParams;
      const to = readDestination(query, deps.issuer);
      const values = deps.cookies.readRefresh(request.headers.get("cookie"));
      const mayLack = cameFrom(request) === "cross-site" && ownRefreshTokens(deps, values).length === 0;
      if (mayLack && !query.has("again"))
        return refreshPage(`/auth/continue?again=1&to=${encodeURIComponent(to)}`, headers);
      clearNamesakes(headers, deps.cookies, request);
      if (mayLack || values.length === 0) forget(deps, request, headers);
      else await renew({ deps, chassis, headers }, values, requesterOf(arrived));
      headers.append("set-cookie", deps.cookies.continued);
      headers.set("location", to);
      return new Response(null, { status: 303, headers });
    } catch (error) {
      return refuse(chassis.gate.toRefusal(error), requestId, { headers, issuer: chassis.issuer });
    }
  });
}

type Answer = { readonly deps: RouterDeps; readonly chassis: Chassis; readonly headers: Headers };

/** What cannot be decided now leaves the cookies as they are: the page does without, and its scripts try again. */
async function renew({ deps, chassis, headers }: Answer, values: readonly string[], from: Requester): Promise<void> {
  try {
    const token = (await chooseRefreshToken(deps, values)) ?? values[0] ?? "";
    deliver(await refresh(deps, { token }, from), "cookie", { ...deps, headers });
  } catch (error) {
    const refusal = chassis.gate.toRefusal(error);
    if (refusal.code === "UNAUTHORIZED") clearCookies(headers, deps.cookies);
    else chassis.log.warn({ err: refusal, requestId: from.requestId }, "A session could not be renewed on the way.");
  }
}

/** No refresh cookie of ours came. Where another site may be behind that, it proves nothing, and nobody is signed out by it. */
function forget({ cookies }: RouterDeps, request: Request, headers: Headers): void {
  const site = cameFrom(request);
  if (site !== null && site !== "cross-site") clearCookies(headers, cookies);
}
