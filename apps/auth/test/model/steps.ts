import fc from "fast-check";
import * as accounts from "./account-commands.ts";
import * as bus from "./bus-commands.ts";
import type { Command } from "./command.ts";
import * as failing from "./failure-commands.ts";
import { forgeries } from "./forger.ts";
import { replicaNames } from "./platform.ts";
import * as sessions from "./session-commands.ts";
import { stories } from "./stories.ts";
import * as tokens from "./token-commands.ts";

const at = fc.constantFrom(...replicaNames);
const choice = fc.nat(5);
/** Which of a session's refresh tokens is presented: mostly the newest, or its predecessor. */
const before = fc.constantFrom(0, 0, 0, 1, 1, 1, 2);
const failure = fc.constantFrom(...failing.failures);
const rival = fc.constantFrom(...sessions.rivals);

type Steps = readonly fc.Arbitrary<Command>[];

const signIn = at.map((a) => sessions.signIn(a));
const leave = fc.tuple(at, choice).map(([a, n]) => accounts.leave(a, n));
const roles = fc.tuple(at, choice).map(([a, n]) => accounts.setRolesOf(a, n));
const renew = fc.record({ a: at, session: choice, before }).map(({ a, ...which }) => sessions.renew(a, which));
const exchange = fc.tuple(at, choice).map(([a, n]) => tokens.exchange(a, n));
const revoke = fc.tuple(at, choice).map(([a, n]) => tokens.revokeToken(a, n));
const heartbeat = at.map((a) => bus.heartbeat(a));
const pass = fc.constantFrom(1, 4, 8, 12, 22, 35).map((seconds) => bus.pass(seconds));
const settled = at.map((a) => bus.settled(a));
const suppress = fc.tuple(at, choice).map(([a, n]) => bus.suppress(a, n));

const ofSessions: Steps = [
  signIn,
  leave,
  renew,
  renew,
  pass,
  fc.record({ a: at, session: choice, before, failure }).map(({ a, ...which }) => failing.renewInVain(a, which)),
  fc.record({ a: at, session: choice, before }).map(({ a, ...which }) => failing.renewSlowly(a, which)),
  fc.record({ a: at, session: choice, rival }).map(({ a, ...which }) => sessions.race(a, which)),
  at.map((a) => failing.signInInVain(a)),
];

const ofAccounts: Steps = [
  signIn,
  roles,
  renew,
  exchange,
  at.map((a) => accounts.disable(a)),
  at.map((a) => accounts.enable(a)),
  fc.tuple(at, choice).map(([a, n]) => accounts.newPassword(a, n)),
  at.map((a) => accounts.resetPasswordOf(a)),
  at.map((a) => accounts.leaveEverywhere(a)),
];

const ofAdministrators: Steps = [
  roles,
  choice.map((n) => accounts.demoteEachOther(n)),
  fc.tuple(at, choice).map(([a, n]) => accounts.changeAdministrator(a, n)),
];

const ofServices: Steps = [
  exchange,
  revoke,
  leave,
  at.map((a) => tokens.serviceToken(a)),
  at.map((a) => tokens.closeService(a)),
  at.map((a) => tokens.openService(a)),
];

const ofTheFeed: Steps = [
  leave,
  roles,
  renew,
  heartbeat,
  pass,
  settled,
  suppress,
  fc.integer({ min: 1, max: 3 }).map((n) => bus.lose(n)),
  fc.constant(null).map(() => bus.delay()),
  fc.constantFrom("as published", "reversed", "doubled").map((order) => bus.arrive(order)),
  fc.constantFrom(...forgeries).map((kind) => bus.forge(kind)),
  fc.constant(null).map(() => bus.forestall()),
  fc.boolean().map((isDown) => bus.setBusDown(isDown)),
  fc.constant(null).map(() => bus.purge()),
  fc.boolean().map((isReachable) => bus.reach(isReachable)),
  fc.nat(1).map((index) => bus.restart(index)),
];

const ofClocks: Steps = [
  signIn,
  leave,
  pass,
  suppress,
  heartbeat,
  fc.constantFrom(30, -30).map((minutes) => bus.moveWallClock(minutes)),
  at.map((a) => failing.startedAhead(a)),
];

/** How many steps a sequence has at most: of all kinds, of one, and of stories. */
const [most, mostOfOneKind, mostStories] = [30, 16, 8];

/**
 * Sequences of steps of all kinds, more often of one kind, since the fewer kinds there are to choose from, the likelier are
 * those that only together do harm (swarm testing); and of stories.
 *
 * @param replayPath which steps of a sequence were left out, as a counterexample tells
 */
export function sequences(replayPath?: string): fc.Arbitrary<Iterable<Command>> {
  const kinds = [ofSessions, ofAccounts, ofAdministrators, ofServices, ofTheFeed, ofClocks];
  const of = (steps: Steps, maxCommands: number) =>
    fc.commands([...steps], { maxCommands, size: "max", ...(replayPath === undefined ? {} : { replayPath }) });
  return fc.oneof(
    { weight: 4, arbitrary: of(stories, mostStories) },
    { weight: 1, arbitrary: of([...kinds.flat(), ...stories], most) },
    ...kinds.map((steps) => ({ weight: 1, arbitrary: of(steps, mostOfOneKind) })),
  );
}
