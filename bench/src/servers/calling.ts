/**
 * The service that calls: a user's request, verified, makes one call of another service. The call is the same in each
 * procedure, by the same port with its deadline, circuit and trace; what differs is what proves it.
 */
import { createServiceCalls } from "@countersign/client/service";
import { type CallPort, protectedProcedure, router } from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import {
  connectChassis,
  createLog,
  createServiceApp,
  createTransport,
  fetchOver,
  localOrigins,
  openServiceKey,
  serve,
} from "@countersign/service";
import type { AsymmetricAlgorithm } from "@countersign/tokens";
import { answer, settings } from "../harness/answer.ts";
import { issuer } from "./identity.ts";
import { sharedKey } from "./query.ts";

type Settings = {
  readonly authPort: number;
  readonly calledPort: number;
  readonly algorithm: AsymmetricAlgorithm;
  readonly keyFile: string;
};

const { authPort, calledPort, algorithm, keyFile } = settings<Settings>();
const origins = {
  ...localOrigins(),
  auth: `http://127.0.0.1:${authPort}`,
  inventory: `http://127.0.0.1:${calledPort}`,
};
const log = createLog({ service: "orders", level: "silent" });
const fetch = fetchOver(createTransport());
const chassis = connectChassis({
  service: "orders",
  issuer,
  origins,
  key: await openServiceKey(keyFile, { service: "orders", log }),
  algorithms: [algorithm],
  bus: createInProcessBus({ now: Date.now, retentionMs: 60_000 }),
  trustedProxies: [],
  log,
  now: Date.now,
  fetch,
});
await chassis.feed.ready;

/** The same call, with these headers in place of its own token. */
function callsWith(proof: Readonly<Record<string, string>>): CallPort {
  const none = { tokenFor: () => Promise.resolve(""), drop: () => undefined };
  return createServiceCalls({
    caller: "orders",
    origins,
    tokens: none,
    exchanged: none,
    now: Date.now,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.delete("authorization");
      for (const [name, value] of Object.entries(proof)) headers.set(name, value);
      return fetch(input, { ...init, headers });
    },
  });
}

const unproved = callsWith({});
const keyed = callsWith({ "x-api-key": sharedKey });
const through = (port: CallPort, path: string) =>
  protectedProcedure.query(({ ctx, signal }) => {
    const { requestId, trace, subject, deadline, isRepeat } = ctx;
    return port({ callee: "inventory", path, input: undefined, requestId, trace, subject, deadline, isRepeat, signal });
  });

const calling = router({
  none: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })),
  open: through(unproved, "open"),
  keyed: through(keyed, "keyed"),
  delegated: through(chassis.gate.call, "delegated"),
});
const { port } = await serve(createServiceApp(chassis, calling).fetch, { port: 0, hostname: "127.0.0.1" });

answer({ ports: () => ({ calling: port }) });
