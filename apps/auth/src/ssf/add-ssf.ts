import { type Chassis, readArrived, type ServiceApp } from "@countersign/service";
import { record } from "../audit/record.ts";
import type { RouterDeps } from "../deps.ts";
import { type Requester, requesterOf } from "../requester.ts";
import { createLongPolls } from "./long-polls.ts";
import { createStream, deleteStream, replaceStream, updateStream } from "./manage-stream.ts";
import { ssfPaths } from "./metadata.ts";
import { type PollDeps, poll } from "./poll.ts";
import { findReceiver, type Receiver } from "./receivers.ts";
import { SsfError } from "./ssf-error.ts";
import { streamOf, toConfiguration, toStatus } from "./stream.ts";
import { readSsfInput, ssfInputs } from "./stream-input.ts";
import { setStatus } from "./stream-status.ts";
import { requestVerification } from "./verification.ts";

/** A request whose receiver is known. */
type Call = { readonly request: Request; readonly receiver: Receiver; readonly from: Requester };
/** The status of the answer, and its body if it has one. */
type Done = { readonly status: 200 | 201 | 204; readonly body?: object };
type Handler = (deps: PollDeps, call: Call) => Promise<Done>;

/**
 * Adds the endpoints for receivers of security events outside of this system: management of their streams (Shared Signals
 * Framework 1.0 §8.1) and polling (RFC 8936). A receiver shows its secret as a Bearer token (RFC 6750); JSON in and out,
 * never kept by a cache.
 */
export function addSsf(app: ServiceApp, chassis: Chassis, routerDeps: RouterDeps): void {
  const deps = { ...routerDeps, longPolls: createLongPolls() };
  for (const [path, handlers] of Object.entries(endpoints)) {
    app.all(path, async (c) => {
      const arrived = readArrived(c, chassis);
      const { request, requestId } = arrived;
      const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
      try {
        const { method } = request;
        const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
        if (handler === undefined) {
          headers.set("allow", Object.keys(handlers).join(", "));
          throw new SsfError(405, "This method is not for this path.");
        }
        const from = requesterOf(arrived);
        const receiver = await authenticate(deps, request, from);
        await takeFromLimit(deps, receiver, method !== "GET" && path !== ssfPaths.poll);
        const { status, body } = await handler(deps, { request, receiver, from });
        return body === undefined ? new Response(null, { status, headers }) : Response.json(body, { status, headers });
      } catch (error) {
        if (error instanceof SsfError) return refuse(error, headers);
        const isTheirs = chassis.gate.toRefusal(error).code !== "INTERNAL_SERVER_ERROR";
        if (!isTheirs) chassis.log.error({ err: error, requestId, path }, "A request of a receiver of events failed.");
        const status = isTheirs ? 503 : 500;
        if (status === 503) headers.set("retry-after", "1");
        return Response.json({ err: "unavailable" }, { status, headers });
      }
    });
  }
}

const queryId = ({ request }: Call) => new URL(request.url).searchParams.get("stream_id");

const endpoints: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  [ssfPaths.configuration]: {
    async GET({ issuer }, call) {
      const { receiver } = call;
      const id = queryId(call);
      if (id !== null) return { status: 200, body: toConfiguration(streamOf(receiver, id), issuer) };
      const { streamId } = receiver;
      return { status: 200, body: streamId === null ? [] : [toConfiguration({ ...receiver, streamId }, issuer)] };
    },
    async POST(deps, { request, receiver, from }) {
      const wishes = await readSsfInput(request, ssfInputs.wishes);
      return { status: 201, body: toConfiguration(await createStream(deps, { receiver, from }, wishes), deps.issuer) };
    },
    async PATCH(deps, { request, receiver, from }) {
      const changes = await readSsfInput(request, ssfInputs.changes);
      return { status: 200, body: toConfiguration(await updateStream(deps, { receiver, from }, changes), deps.issuer) };
    },
    async PUT(deps, { request, receiver, from }) {
      const changes = await readSsfInput(request, ssfInputs.changes);
      return {
        status: 200,
        body: toConfiguration(await replaceStream(deps, { receiver, from }, changes), deps.issuer),
      };
    },
    async DELETE(deps, call) {
      await deleteStream(deps, call, queryId(call));
      return { status: 204 };
    },
  },
  [ssfPaths.status]: {
    GET: async (_deps, call) => ({ status: 200, body: toStatus(streamOf(call.receiver, queryId(call))) }),
    async POST(deps, { request, receiver, from }) {
      const wanted = await readSsfInput(request, ssfInputs.status);
      return { status: 200, body: toStatus(await setStatus(deps, { receiver, from }, wanted)) };
    },
  },
  [ssfPaths.verification]: {
    async POST(deps, { request, receiver }) {
      await requestVerification(deps, receiver, await readSsfInput(request, ssfInputs.verification));
      return { status: 204 };
    },
  },
  [ssfPaths.poll]: {
    async POST(deps, { request, receiver }) {
      const stream = streamOf(receiver, receiver.streamId);
      if (stream.method !== "poll") throw new SsfError(403, "The events of this stream are pushed.");
      const input = await readSsfInput(request, ssfInputs.poll);
      const gone = AbortSignal.any([request.signal, deps.revocationFeed.closing]);
      return { status: 200, body: await poll(deps, stream, { input, gone }) };
    },
  },
};

/** Who has none is told nothing of what there is. A refusal goes to the audit log, of a flood from one address so much. */
async function authenticate(deps: RouterDeps, request: Request, from: Requester): Promise<Receiver> {
  const [, secret] = /^bearer ([\w-]{1,128})$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const receiver = secret === undefined ? null : await findReceiver(deps.db, secret);
  if (receiver !== null) return receiver;
  if (secret !== undefined && (await deps.limits.clientFailure(from.address)).allowed) {
    const entry = { action: "stream.refused", outcome: "refused", reason: "bad_secret" } as const;
    await record(deps.db, entry, { at: deps.now(), from });
  }
  throw new SsfError(401, "Show the secret of a receiver: Authorization: Bearer <secret>.");
}

async function takeFromLimit({ limits }: RouterDeps, { name }: Receiver, changes: boolean): Promise<void> {
  const taken = await (changes ? limits.streamChange(name) : limits.streamCall(name));
  if (!taken.allowed) {
    const retryAfterSeconds = taken.quota.resetSeconds;
    throw new SsfError(429, "Too many requests of this receiver; try again later.", { retryAfterSeconds });
  }
}

function refuse({ status, message, retryAfterSeconds }: SsfError, headers: Headers): Response {
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="countersign"');
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(Math.ceil(retryAfterSeconds)));
  return Response.json({ err: names[status], description: message }, { status, headers });
}

/** The codes of RFC 8935 §2.4 where one fits. */
const names = {
  400: "invalid_request",
  401: "authentication_failed",
  403: "access_denied",
  404: "not_found",
  405: "invalid_request",
  409: "conflict",
  429: "too_many_requests",
} as const satisfies Record<SsfError["status"], string>;
