import type { OpenDatabase } from "@countersign/database";
import { createFakeClock, type FakeClock } from "@countersign/testing";
import { outbox, serviceClients, users } from "../../src/schema.ts";
import { createOAuthClient, type OAuthClient } from "../oauth-client.ts";
import { openTestAuth, type TestAuth } from "../open-test-auth.ts";
import { createFaultyBus, type FaultyBus } from "./faulty-bus.ts";
import { createForger, type Forger } from "./forger.ts";

export const replicaNames = ["a", "b"] as const;
export type ReplicaName = (typeof replicaNames)[number];

/** The real auth that the model is held against: two replicas on one database, and the bus between it and services. */
export type Platform = {
  readonly database: OpenDatabase;
  /** The true time, which only the services' clock shows. */
  readonly clock: FakeClock;
  readonly replicas: Readonly<Record<ReplicaName, TestAuth>>;
  /** A service that exchanges tokens, and one that asks what they are worth, by the replica that they talk to. */
  readonly clients: Readonly<Record<"orders" | "products", (at: ReplicaName) => OAuthClient>>;
  readonly bus: FaultyBus;
  readonly forge: Forger;
  /** By how much the clocks of the replicas are off, in milliseconds. */
  setOffsets(offsets: Readonly<Record<ReplicaName, number>>): void;
  /** Does something while the clocks of both replicas are an hour before the signing key was made. */
  beforeStart<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Leaves what earlier runs left without a part in the next one. */
  clean(): Promise<void>;
};

const minute = 60;
/** How long clients that hold their tokens themselves may ask again, in milliseconds; pages have ten seconds. */
export const bearerGrace = 20_000;

export async function openPlatform(database: OpenDatabase): Promise<Platform> {
  const clock = createFakeClock();
  const bus = createFaultyBus();
  const openedAt = clock.now();
  let behind = 0;
  let offsets: Readonly<Record<ReplicaName, number>> = { a: 0, b: 0 };
  const open = async (name: ReplicaName): Promise<TestAuth> => {
    const now = () => clock.now() + offsets[name] - behind;
    const test = await openTestAuth(database, { bus, now, monotonic: clock.now, sessionLife: { bearerGrace } });
    return { ...test, clock: { now, advance: (seconds) => clock.advance(seconds) } };
  };
  const replicas = { a: await open("a"), b: await open("b") };
  clock.advance(minute); // the signing key is older than the clocks differ
  const clientOf = async (service: "orders" | "products") => {
    const here = { a: await createOAuthClient(replicas.a, service), b: await createOAuthClient(replicas.b, service) };
    return (at: ReplicaName) => here[at];
  };
  const clients = { orders: await clientOf("orders"), products: await clientOf("products") };
  return {
    database,
    clock,
    replicas,
    clients,
    bus,
    forge: await createForger(),
    setOffsets(next) {
      offsets = next;
    },
    async beforeStart(work) {
      behind = clock.now() - openedAt + 3_600_000;
      try {
        return await work();
      } finally {
        behind = 0;
      }
    },
    async clean() {
      clock.advance(minute); // no clock of a replica goes back from one run to the next
      bus.mend();
      await database.db.delete(users);
      await database.db.update(serviceClients).set({ disabledAt: null });
      await database.db.delete(outbox);
    },
  };
}
