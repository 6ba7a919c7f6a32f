import { Refusal } from "@countersign/context";
import { type Arrived, type Chassis, readArrived, type ServiceApp, tooMany } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { randomSecret } from "../providers/browser-secret.ts";
import { callbackOf, type Provider } from "../providers/create-provider.ts";
import { beginSignIn, takeSignIn } from "../providers/pending-sign-ins.ts";
import { SignInProblem } from "../providers/problem.ts";
import { requesterOf } from "../requester.ts";
import { readCallback } from "./callback-answer.ts";
import { readCodeRequest } from "./code-request.ts";
import { finishSignIn } from "./finish-sign-in.ts";
import { cameFrom, checkNavigation, readDestination } from "./navigation.ts";
import { problemPage } from "./problem-page.ts";
import { refreshPage } from "./refresh-page.ts";
import { refuse } from "./refuse.ts";

/**
 * Adds, for each provider, `GET /auth/<provider>?to=<path>`, which sends the browser there, and
 * `GET /auth/<provider>/callback` (`POST` from a form), where it comes back: the person is signed in with cookies as after
 * `POST /auth/login`, and goes on to the path. A sign-in in bearer mode ends in a one-time code at a registered address, and
 * a link that a signed-in user began (`identities.link`) in a linked identity. Both are for a person's own navigation. What goes wrong ends on a page with
 * a way back, without a session and without an account.
 */
export function addProviders(app: ServiceApp, chassis: Chassis, deps: RouterDeps): void {
  for (const provider of deps.providers.values()) {
    const at = { deps, chassis, provider };
    const path = `/auth/${provider.name}`;
    app.get(path, (c) => answer(at, readArrived(c, chassis), begin));
    app.get(`${path}/callback`, (c) => answer(at, readArrived(c, chassis), complete));
    app.post(`${path}/callback`, (c) => answer(at, readArrived(c, chassis), complete));
  }
}

type At = { readonly deps: RouterDeps; readonly chassis: Chassis; readonly provider: Provider };
/** `to` is known once a step has read it, for the way back. */
type Step = (at: At, arrived: Arrived, answering: Answering) => Promise<Response>;
type Answering = { readonly headers: Headers; to: string };

async function answer(at: At, arrived: Arrived, step: Step): Promise<Response> {
  const { deps, chassis, provider } = at;
  const { requestId } = arrived;
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  const answering: Answering = { headers, to: "/" };
  try {
    checkNavigation(arrived.request);
    return await step(at, arrived, answering);
  } catch (error) {
    if (error instanceof SignInProblem) {
      await tell(at, arrived, error);
      return problemPage(error, { name: provider.name, label: provider.label, to: answering.to }, headers);
    }
    const refusal = chassis.gate.toRefusal(error);
    if (refusal instanceof Refusal && refusal.code === "TOO_MANY_REQUESTS") {
      headers.set("retry-after", String(Math.ceil(refusal.retryAfterSeconds ?? 60)));
      const problem = new SignInProblem("too_many");
      return problemPage(problem, { name: provider.name, label: provider.label, to: answering.to }, headers);
    }
    if (refusal.code === "INTERNAL_SERVER_ERROR")
      chassis.log.error({ err: refusal.cause ?? refusal, requestId, provider: provider.name }, "A sign-in failed.");
    return refuse(refusal, requestId, { headers, issuer: deps.issuer });
  }
}

const begin: Step = async ({ deps, provider }, arrived, answering) => {
  const { request } = arrived;
  const { searchParams } = new URL(request.url);
  const purpose = readCodeRequest(searchParams, deps.signInRedirects) ?? ({ kind: "sign_in" } as const);
  answering.to = readDestination(searchParams, deps.issuer);
  await countSignIn(deps, arrived);
  const [browser = randomSecret()] = deps.browserCookie.read(request.headers.get("cookie"));
  const secrets = await beginSignIn(deps, { provider: provider.name, to: answering.to, purpose }, browser);
  const url = await provider.authorizationUrl(callbackOf(deps.issuer, provider.name), secrets);
  answering.headers.append("set-cookie", deps.browserCookie.set(browser));
  answering.headers.set("location", url.href);
  return new Response(null, { status: 303, headers: answering.headers });
};

const complete: Step = async (at, arrived, answering) => {
  const { deps, provider } = at;
  const { request } = arrived;
  const { state, query } = await readCallback(request);
  const { searchParams } = new URL(request.url);
  const isForeign = request.method === "POST" || cameFrom(request) === "cross-site";
  if (isForeign && !searchParams.has("again"))
    return refreshPage(`/auth/${provider.name}/callback?again=1&${query}`, answering.headers);
  await countSignIn(deps, arrived);
  const browsers = deps.browserCookie.read(request.headers.get("cookie"));
  const pending = await takeSignIn(deps, { provider: provider.name, state, browsers });
  if (pending === null) throw new SignInProblem("other_browser");
  answering.to = pending.to;
  const callback = new URL(`${callbackOf(deps.issuer, provider.name)}?${query}`);
  const identity = await provider.identify(callback, pending.secrets);
  return await finishSignIn(deps, { pending, identity, headers: answering.headers }, arrived);
};

async function countSignIn({ limits }: RouterDeps, arrived: Arrived): Promise<void> {
  const { allowed, quota } = await limits.provider(arrived.address);
  if (!allowed) throw tooMany(quota);
}

/** What went wrong goes to the log, and to the audit log; of a flood from one address the rest is counted. */
async function tell({ deps, chassis, provider }: At, arrived: Arrived, problem: SignInProblem): Promise<void> {
  const { code, detail, userId } = problem;
  const from = requesterOf(arrived);
  const { requestId, address } = from;
  const line = { requestId, provider: provider.name, problem: code, detail };
  if (ofProvider.has(code)) chassis.log.warn(line, "A provider did not sign somebody in.");
  const reason = `provider_${code}`;
  const taken = await deps.limits.clientFailure(address);
  if (!taken.allowed) {
    deps.denied({ procedure: "session.started", reason, userId, service: null, requestId, address });
    return;
  }
  const entry = { action: "session.started", outcome: "refused", reason } as const;
  const subject = userId === null ? {} : { subject: userId };
  await record(deps.db, { ...entry, ...subject, detail: { provider: provider.name } }, { at: deps.now(), from });
}

const ofProvider: ReadonlySet<string> = new Set(["unavailable", "faulty", "misconfigured"]);
