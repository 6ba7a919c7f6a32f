import {
  checkByGateway,
  checkByIntrospection,
  checkByKeys,
  createRemoteKeySet,
  type KeySource,
  protectedProcedure,
  publicProcedure,
  router,
  type TokenCheck,
} from "@countersign/context";
import { createInProcessBus } from "@countersign/events";
import {
  callProcedure,
  createFakeClock,
  createTestChassis,
  createTestGateway,
  createTestIssuer,
  type FakeClock,
  introspect,
  type TestGateway,
  type TestIssuer,
} from "@countersign/testing";
import { createServiceApp } from "../src/create-service-app.ts";

/** Who gives tokens and vouches for them, and whether whom a service depends on can be reached. */
export type World = {
  readonly issuer: TestIssuer;
  readonly gateway: TestGateway;
  readonly clock: FakeClock;
  /** How often auth was asked. */
  asked: number;
  isDown: boolean;
};

/** Headers of a request, by name. */
export type Headers = Record<string, string>;

/** A way to check, and what a request brings along under it that the gateway let in. */
export type Mode = {
  readonly name: string;
  readonly check: (world: World) => TokenCheck;
  readonly dress: (world: World, token: string) => Promise<Headers>;
};

/** A token alone. */
export async function bearer(_world: World, token: string): Promise<Headers> {
  return { authorization: `Bearer ${token}` };
}

/** What the gateway lets through to a service that wants its word. */
export async function withAssertion({ gateway }: World, token: string, audience = "orders"): Promise<Headers> {
  const assertion = await gateway.assert(token, audience);
  return { authorization: `Bearer ${token}`, "x-countersign-assertion": assertion };
}

export async function ask(world: World, token: string): Promise<unknown> {
  world.asked += 1;
  if (world.isDown) throw new Error("no answer");
  return introspect(world.issuer, { service: "orders", token, now: world.clock.now });
}

/** Keys, for as long as they can be had. */
export function keysOf(world: World, keys: KeySource = world.issuer.keys): KeySource {
  const down = createRemoteKeySet({
    url: "http://auth.test/.well-known/jwks.json",
    fetch: () => Promise.reject(new TypeError("fetch failed")),
    now: world.clock.now,
  });
  return { find: (kid, algorithm) => (world.isDown ? down : keys).find(kid, algorithm) };
}

/** The three ways to check. */
export const modes: readonly [Mode, Mode, Mode] = [
  { name: "by keys", check: (world) => checkByKeys(keysOf(world)), dress: bearer },
  {
    name: "by asking auth",
    check: (world) => checkByIntrospection({ ask: (token) => ask(world, token), rememberSeconds: 5 }),
    dress: bearer,
  },
  {
    name: "by the word of the gateway",
    check: (world) =>
      checkByGateway({
        gatewayKeys: keysOf(world, world.gateway.keys),
        gatewayAlgorithms: ["ES256"],
        keys: keysOf(world),
      }),
    dress: withAssertion,
  },
];

const orders = router({
  who: publicProcedure.query(({ ctx }) => ({
    user: ctx.user?.id ?? null,
    roles: ctx.user?.roles ?? [],
    service: ctx.service?.name ?? null,
  })),
  mine: protectedProcedure.query(({ ctx }) => ctx.subject?.token),
});

/** A service that checks in one of these ways, behind its public door. */
export async function setUp(mode: Pick<Mode, "check">) {
  const clock = createFakeClock();
  const issuer = await createTestIssuer(clock);
  const gateway = await createTestGateway(issuer, clock);
  const world: World = { issuer, gateway, clock, asked: 0, isDown: false };
  const bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
  const chassis = createTestChassis("orders", { issuer, check: mode.check(world), bus, now: clock.now });
  await chassis.feed.ready;
  const app = createServiceApp(chassis, orders);
  const call = (headers: Headers, path = "mine") => callProcedure(app, path, { type: "query", headers });
  const revoke = (id: string) => {
    const expiresAt = Math.floor(clock.now() / 1000) + 600;
    return issuer.feed.publish(bus, { kind: "session", id, expiresAt });
  };
  return { world, call, revoke };
}
