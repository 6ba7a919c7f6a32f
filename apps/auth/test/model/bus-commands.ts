import { readFeed } from "../../src/revocations/feed-page.ts";
import { leaveSession } from "./account-commands.ts";
import { becomes } from "./becomes.ts";
import { checkEverywhere, checkFollowers } from "./check.ts";
import { command, pick } from "./command.ts";
import type { Order } from "./faulty-bus.ts";
import type { Forgery } from "./forger.ts";
import type { ReplicaName } from "./platform.ts";
import { revokeUnrelated } from "./token-commands.ts";
import { hold } from "./violation.ts";
import type { World } from "./world.ts";

/** Publishes the next heartbeat, as soon as auth would. */
async function beat({ platform }: World, at: ReplicaName): Promise<void> {
  platform.clock.advance(1);
  await platform.database.query("update auth.revocation_feed set beat_at = beat_at - interval '2 seconds'");
  await platform.replicas[at].auth.deps.relay.beat();
}

export const heartbeat = (at: ReplicaName) =>
  command(`heartbeat of ${at}`, async (world) => {
    await beat(world, at);
    await checkFollowers(world);
  });

export const lose = (count: number) =>
  command(`the bus loses the next ${count}`, async ({ platform, state }) => {
    platform.bus.dropNext(count);
    state.wasLost = true;
  });

export const delay = () => command("the bus holds", async ({ platform }) => platform.bus.hold());

export const arrive = (order: Order) =>
  command(`the bus delivers ${order}`, async (world) => {
    await world.platform.bus.release(order);
    await checkFollowers(world);
  });

export const forge = (kind: Forgery) =>
  command(`a forged ${kind}`, async (world) => {
    const { platform, state } = world;
    const { epoch, number } = await readFeed(platform.replicas.a.auth.deps.db);
    await platform.bus.inject(await platform.forge(kind, { userId: state.subject.id, epoch, number }));
    await checkFollowers(world);
  });

/** Somebody publishes under the key that they expect the next event to have, so that the bus takes that for a repetition. */
export const forestall = () =>
  command("a forged revocation under the next key", async (world) => {
    const { platform, state } = world;
    const { epoch, number } = await readFeed(platform.replicas.a.auth.deps.db);
    const forged = await platform.forge("revocation", { userId: state.subject.id, epoch, number });
    await platform.bus.inject(forged, String(number + 1));
    await checkFollowers(world);
  });

/** A sign-out is kept from services for twelve seconds, while somebody repeats a heartbeat that they have heard. */
export const suppress = (at: ReplicaName, choice: number) =>
  command(`suppressed, with heartbeat ${choice} again: sign out of session ${choice} at ${at}`, async (world) => {
    const { platform, state } = world;
    await beat(world, at);
    platform.bus.dropNext(1_000);
    state.wasLost = true;
    await leaveSession(world, at, choice);
    const old = pick(platform.bus.heartbeats().toReversed(), choice);
    for (const seconds of [4, 4, 4]) {
      platform.clock.advance(seconds);
      if (old !== undefined) await platform.bus.inject(old);
    }
    await checkFollowers(world);
    platform.bus.dropNext(0);
  });

export const setBusDown = (isDown: boolean) =>
  command(`the bus is ${isDown ? "down" : "up"}`, async ({ platform }) => platform.bus.setDown(isDown));

export const purge = () =>
  command("the bus is purged", async ({ platform, state }) => {
    platform.bus.purge();
    state.wasLost = true;
  });

export const reach = (isReachable: boolean) =>
  command(`auth is ${isReachable ? "" : "un"}reachable`, async (world) => world.setAuthReachable(isReachable));

export const restart = (index: number) =>
  command(`service ${index} restarts`, async (world) => {
    await world.restart(index);
    await checkFollowers(world);
  });

export const pass = (seconds: number) =>
  command(`${seconds} seconds`, async (world) => {
    world.platform.clock.advance(seconds);
    await checkFollowers(world);
  });

/** The wall clock of services goes half an hour ahead or back while something is revoked, and comes back. */
export const moveWallClock = (minutes: number) =>
  command(`the wall clock ${minutes} minutes off for a while`, async (world) => {
    await settle(world, "a");
    world.platform.clock.advance(31);
    world.setWallShift(minutes * 60_000);
    await revokeUnrelated(world);
    await settleBus(world, "a");
    world.setWallShift(0);
    await checkFollowers(world);
  });

export const settled = (at: ReplicaName) => command(`all settles at ${at}`, (world) => settle(world, at));

/** Faults end, and what is missing is made up for; then every door must agree with the model. */
export async function settle(world: World, at: ReplicaName): Promise<void> {
  await settleBus(world, at);
  await checkFollowers(world);
  await checkEverywhere(world, at);
}

async function settleBus(world: World, at: ReplicaName): Promise<void> {
  const { platform, state } = world;
  platform.bus.setDown(false);
  platform.bus.dropNext(0);
  world.setAuthReachable(true);
  await platform.bus.release("as published");
  await platform.replicas[at].auth.deps.relay.flush();
  await beat(world, at);
  for (const { name, feed } of world.followers().slice(0, state.wasLost ? 1 : 2))
    hold("settled", await becomes(() => feed.state() === "live"), `${name} is ${feed.state()}`);
}
