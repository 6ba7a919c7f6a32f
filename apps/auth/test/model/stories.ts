import fc from "fast-check";
import * as accounts from "./account-commands.ts";
import * as bus from "./bus-commands.ts";
import { type Command, story } from "./command.ts";
import * as failing from "./failure-commands.ts";
import { replicaNames } from "./platform.ts";
import * as sessions from "./session-commands.ts";
import * as tokens from "./token-commands.ts";

const at = fc.constantFrom(...replicaNames);
const session = fc.nat(1);

/** What came of a refresh whose answer did not arrive. */
const outcomes = ["answered", "slow", ...failing.failures] as const;
/** Within the grace, in it with what clocks may differ by, and after it. */
const seconds = fc.constantFrom(12, 18, 18, 22, 35);

/** A refresh whose answer is lost is asked again. */
const askedAgain = (...after: readonly (typeof outcomes)[number][]) =>
  fc
    .record({ at, other: at, session, seconds, outcome: fc.constantFrom(...after) })
    .map((of) => story(lost(of), bus.pass(of.seconds), sessions.renew(of.other, { session: of.session, before: 1 })));

function lost(of: { at: "a" | "b"; session: number; outcome: (typeof outcomes)[number] }): Command {
  const which = { session: of.session, before: 0 };
  if (of.outcome === "answered") return sessions.renew(of.at, which);
  if (of.outcome === "slow") return failing.renewSlowly(of.at, which);
  return failing.renewInVain(of.at, { ...which, failure: of.outcome });
}

/** A refresh token is used after two others have followed it. */
const usedTwice = fc
  .record({ at, session })
  .map((of) => story(...[0, 0, 2].map((before) => sessions.renew(of.at, { session: of.session, before }))));

/** A token is exchanged, and then the one ends that it was exchanged for. */
const exchangedAndRevoked = fc
  .record({ at, token: fc.nat(3) })
  .map((of) => story(tokens.exchange(of.at, of.token), tokens.revokeToken(of.at, 0)));

/** What the stream retained is gone, and a service starts with what is left of it. */
const purged = fc
  .record({ at, session, index: fc.nat(1) })
  .map((of) => story(accounts.leave(of.at, of.session), bus.purge(), bus.restart(of.index), bus.heartbeat(of.at)));

/** A role is given, used and taken away, while the bus holds what it is given, or brings it out of order. */
const givenAndTaken = fc
  .record({ at, session, order: fc.constantFrom("as published", "reversed", "reversed", "doubled") })
  .map((of) =>
    story(
      bus.delay(),
      accounts.setRolesOf(of.at, 0),
      sessions.renew(of.at, { session: of.session, before: 0 }),
      accounts.setRolesOf(of.at, 1),
      bus.arrive(of.order),
    ),
  );

const passwordTwice = fc
  .record({ at, other: at, session })
  .map((of) => story(accounts.newPassword(of.at, of.session), accounts.newPassword(of.other, of.session)));

const disabledAndEnabled = fc
  .record({ at, other: at, session })
  .map((of) =>
    story(
      accounts.disable(of.at),
      accounts.enable(of.other),
      sessions.renew(of.at, { session: of.session, before: 0 }),
    ),
  );

/** The wall clock of a service moves, and afterwards a sign-out is kept from it. */
const clockAndSilence = fc
  .record({ at, session, minutes: fc.constantFrom(30, -30) })
  .map((of) => story(bus.moveWallClock(of.minutes), bus.suppress(of.at, of.session)));

const whileDown = fc
  .record({ at, session })
  .map((of) => story(bus.setBusDown(true), accounts.leave(of.at, of.session), bus.setBusDown(false)));

const forestalled = fc.record({ at, session }).map((of) => story(bus.forestall(), accounts.leave(of.at, of.session)));

const lastAdministrator = fc
  .record({ at, first: fc.constantFrom(2, 4), second: fc.constantFrom(3, 5) })
  .map((of) => story(accounts.changeAdministrator(of.at, of.first), accounts.changeAdministrator(of.at, of.second)));

const endEachOther = fc
  .record({ at, how: fc.nat(1) })
  .map((of) => story(accounts.setRolesOf(of.at, 0), accounts.demoteEachOther(of.how)));

/** A service has a token of its own or for a user, and is disabled. */
const closed = fc
  .record({ at, other: at, exchanges: fc.boolean() })
  .map((of) =>
    story(of.exchanges ? tokens.exchange(of.at, 0) : tokens.serviceToken(of.at), tokens.closeService(of.other)),
  );

/**
 * Steps that only together do harm, in the order in which they do, with all else left open: chance alone would seldom bring
 * them about.
 */
export const stories: readonly fc.Arbitrary<Command>[] = [
  askedAgain("answered"),
  askedAgain("answered"),
  askedAgain("answered"),
  askedAgain("slow"),
  askedAgain("slow"),
  askedAgain(...failing.failures),
  askedAgain(...failing.failures),
  usedTwice,
  exchangedAndRevoked,
  purged,
  givenAndTaken,
  givenAndTaken,
  passwordTwice,
  disabledAndEnabled,
  clockAndSilence,
  whileDown,
  forestalled,
  lastAdministrator,
  endEachOther,
  closed,
];
