/** A service of ours as its chassis makes it: one query that anyone may call, and the same behind `protectedProcedure`. */
import { checkByKeys, protectedProcedure, publicProcedure, router } from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { type Chassis, createChassis, createLog, createServiceApp, serve } from "@countersign/service";
import { createLocalKeySet, signAccessToken } from "@countersign/tokens";
import { answer } from "../harness/answer.ts";
import { createIdentity, type Identity, issuer } from "./identity.ts";
import { userId } from "./query.ts";

const identity: Identity = await createIdentity("RS256");
const log = createLog({ service: "orders", level: "silent" });

const queries = router({
  public: publicProcedure.query(() => ({ id: userId })),
  protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })),
});

/** A bus that hands over and keeps nothing, as the ones to another process do. */
function createPassingBus(): EventBus & { pass(data: unknown): void } {
  const listeners = new Set<(data: unknown) => void>();
  return {
    pass: (data) => {
      for (const listener of listeners) listener(data);
    },
    publish: () => Promise.resolve(),
    close: () => Promise.resolve(),
    subscribe(topic, { onEvent, onState }) {
      onState?.("live");
      const listener = (data: unknown) => onEvent({ id: "1", topic, key: "1", data, at: Date.now() });
      listeners.add(listener);
      return { ready: Promise.resolve(), close: () => Promise.resolve(void listeners.delete(listener)) };
    },
  };
}

function createService(bus: EventBus): Chassis {
  return createChassis({
    service: "orders",
    issuer,
    algorithms: ["RS256"],
    check: checkByKeys(createLocalKeySet(() => identity.publicJwks)),
    bus,
    call: () => Promise.reject(new Error("This service calls nobody.")),
    isLive: () => Promise.resolve(true),
    trustedProxies: [],
    log,
    now: Date.now,
  });
}

const listening = { port: 0, hostname: "127.0.0.1" };
const plain = await serve(createServiceApp(createService(createPassingBus()), queries).fetch, listening);
const crowdedBus = createPassingBus();
const crowdedChassis = createService(crowdedBus);
const crowded = await serve(createServiceApp(crowdedChassis, queries).fetch, listening);

answer({
  ports: () => ({ plain: plain.port, crowded: crowded.port }),
  mint: async (count: number) => {
    const tokens: string[] = [];
    for (let minted = 0; minted < count; minted += 1)
      tokens.push(await signAccessToken(identity.claims(), identity.key));
    return tokens;
  },
  /** Revokes this many sessions at the crowded service, each event parsed from text as from a network. */
  revoke: async (count: number) => {
    const expiresAt = Math.floor(Date.now() / 1000) + 3600;
    for (let done = 0; done < count; done += 1) {
      crowdedBus.pass(JSON.parse(JSON.stringify({ kind: "session", id: crypto.randomUUID(), expiresAt })));
    }
    const { body } = await crowdedChassis.metrics.read();
    const held = Number(/^countersign_revocations\{.*\} (\d+)$/m.exec(body)?.[1]);
    if (held !== count) throw new Error(`${held} revocations are held instead of ${count}.`);
  },
});
