/** A service of ours as its chassis makes it: one query that anyone may call, and the same behind `protectedProcedure`. */
import {
  checkByKeys,
  protectedProcedure,
  publicProcedure,
  type Revocation,
  type RevocationPage,
  type RevocationSource,
  router,
} from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import { type Chassis, createServiceApp, serve } from "@countersign/service";
import { createLocalKeySet, signAccessToken } from "@countersign/tokens";
import { answer } from "../harness/answer.ts";
import { createIdentity, type Identity, issuer } from "./identity.ts";
import { userId } from "./query.ts";
import { createServiceOfOurs } from "./service-of-ours.ts";

const identity: Identity = await createIdentity("RS256");

const queries = router({
  public: publicProcedure.query(() => ({ id: userId })),
  protected: protectedProcedure.query(({ ctx }) => ({ id: ctx.user.id })),
});

/** Auth as a service sees it that asks for what it lacks: these revocations once, and none after them. */
function createList() {
  let waiting: Revocation[] = [];
  let number = 0;
  const since = async (): Promise<RevocationPage> => {
    const revocations = waiting;
    waiting = [];
    number += revocations.length;
    return { epoch: "bench", number, beat: 0, revocations, more: false };
  };
  return {
    source: { issuer, keys: createLocalKeySet(() => []), since },
    add: (revocation: Revocation) => void waiting.push(revocation),
  };
}

function createService(source: RevocationSource): Chassis {
  const check = checkByKeys(createLocalKeySet(() => identity.publicJwks));
  const bus = createInProcessBus({ now: Date.now, retentionMs: 60_000 });
  return createServiceOfOurs({ algorithm: "RS256", check, source, bus });
}

const listening = { port: 0, hostname: "127.0.0.1" };
const plain = await serve(createServiceApp(createService(createList().source), queries).fetch, listening);
const list = createList();
const crowdedChassis = createService(list.source);
const crowded = await serve(createServiceApp(crowdedChassis, queries).fetch, listening);

/** How many revocations the crowded service holds. */
async function held(): Promise<number> {
  const { body } = await crowdedChassis.metrics.read();
  return Number(/^countersign_revocations\{.*\} (\d+)$/m.exec(body)?.[1]);
}

answer({
  ports: () => ({ plain: plain.port, crowded: crowded.port }),
  mint: async (count: number) => {
    const tokens: string[] = [];
    for (let minted = 0; minted < count; minted += 1)
      tokens.push(await signAccessToken(identity.claims(), identity.key));
    return tokens;
  },
  /** Revokes this many sessions at the crowded service, each parsed from text as from a network. */
  revoke: async (count: number) => {
    const expiresAt = Math.floor(Date.now() / 1000) + 3600;
    for (let done = 0; done < count; done += 1) {
      list.add(JSON.parse(JSON.stringify({ kind: "session", id: crypto.randomUUID(), expiresAt })));
    }
    // Without heartbeats the list is read again every few seconds
    for (const until = performance.now() + 20_000; (await held()) < count; ) {
      if (performance.now() > until) throw new Error(`${await held()} revocations are held instead of ${count}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
});
