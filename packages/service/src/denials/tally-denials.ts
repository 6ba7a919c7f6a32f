import type { Denial } from "@countersign/context";
import { addressKey } from "../address-key.ts";
import type { DenialReport, Reporter } from "./denial-report.ts";

/** Counts refusals, so that a storm of them becomes a few lines. */
export type DenialTally = {
  /** Takes a refusal: the report to publish now, or null when it is counted for later. */
  add(denial: Denial): DenialReport | null;
  /** The reports whose minute is over. */
  due(): readonly DenialReport[];
  /** Everything that is counted, whether its minute is over or not. */
  rest(): readonly DenialReport[];
  /** How many kinds are being counted. */
  size(): number;
};

export type TallyOptions = {
  readonly service: Reporter;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How many kinds of refusals are told apart in a minute: of those whose identity was proved, and of strangers. */
  readonly kinds?: { readonly known: number; readonly strangers: number };
  /** How many of these one user may have, or one address of strangers; 20 when absent. */
  readonly kindsOfOne?: number;
};

const windowMs = 60_000;

/** A kind of refusals: the same procedure, reason and caller. `counted` is what came after the first was reported. */
type Window = { endsAt: number; counted: DenialReport | null; readonly group: Group; readonly of: string | null };
type Group = "known" | "strangers";

/**
 * The first refusal of a kind is reported at once, and those that follow within the minute as one line at its end, with
 * their number: one line a minute for each kind. How many kinds there can be is bounded, apart for callers whose
 * identity was proved and for strangers, so that nobody without an account can crowd out what those with one did; and
 * for each user, and each address of strangers, so that none of them crowds out the others. What one of them does beyond
 * is one kind more, by reason, user and address where it is one; what is beyond all is counted by reason alone.
 */
export function tallyDenials(options: TallyOptions): DenialTally {
  const { service, now, kinds = { known: 200, strangers: 50 }, kindsOfOne = 20 } = options;
  const windows = new Map<string, Window>();

  function open(key: string, group: Group, of: string | null): Window {
    const window: Window = { endsAt: now() + windowMs, counted: null, group, of };
    windows.set(key, window);
    return window;
  }

  function numberOf(isMeant: (window: Window) => boolean): number {
    let count = 0;
    for (const window of windows.values()) if (isMeant(window)) count += 1;
    return count;
  }

  /** Where a kind is counted for which there is no room: with the others of the same user or address, or else with all. */
  function windowBeyond(group: Group, all: DenialReport, one: DenialReport): readonly [Window, DenialReport] {
    const ofOne = `${group} ${keyOf(one)}`;
    const known = windows.get(ofOne);
    if (known !== undefined) return [known, one];
    if (numberOf((window) => window.group === group) < kinds[group]) return [open(ofOne, group, null), one];
    const ofAll = `${group} ${keyOf(all)}`;
    return [windows.get(ofAll) ?? open(ofAll, group, null), all];
  }

  function take(window: Window): readonly DenialReport[] {
    const { counted } = window;
    window.counted = null;
    return counted === null ? [] : [counted];
  }

  return {
    add(denial) {
      const group = denial.userId === null && denial.service === null ? "strangers" : "known";
      const report = toReport(denial, service, now());
      const known = windows.get(keyOf(report));
      if (known !== undefined) {
        known.counted = merge(known.counted, report);
        return null;
      }
      const of = ownerOf(report);
      const isFull = numberOf((window) => window.group === group) >= kinds[group];
      const hasAll = of !== null && numberOf((window) => window.of === of) >= kindsOfOne;
      if (!isFull && !hasAll) {
        open(keyOf(report), group, of);
        return report;
      }
      const all = { ...report, procedure: "*", userId: null, caller: null, address: null };
      const one = { ...all, userId: report.userId, address: report.userId === null ? report.address : null };
      const [window, counted] = windowBeyond(group, all, hasAll ? one : all);
      window.counted = merge(window.counted, counted);
      return null;
    },
    due() {
      const ended = [...windows].filter(([, { endsAt }]) => endsAt <= now());
      return ended.flatMap(([key, window]) => {
        if (window.counted === null) windows.delete(key);
        else window.endsAt = now() + windowMs; // it goes on: the next minute is one line too
        return take(window);
      });
    },
    rest: () => [...windows.values()].flatMap(take),
    size: () => windows.size,
  };
}

function toReport(denial: Denial, service: Reporter, at: number): DenialReport {
  const { procedure, reason, userId, requestId } = denial;
  const caller = denial.service;
  const address = addressKey(denial.address);
  return { service, procedure, reason, userId, caller, address, requestId, count: 1, firstAt: at, lastAt: at };
}

/** Whose kinds are bounded: a user's, from wherever, or those of an address of strangers. Services have their own. */
function ownerOf({ userId, caller, address }: DenialReport): string | null {
  if (userId !== null) return `user ${userId}`;
  return caller === null ? `address ${address}` : null;
}

function keyOf({ procedure, reason, userId, caller, address }: DenialReport): string {
  return JSON.stringify([procedure, reason, userId, caller, address]);
}

function merge(counted: DenialReport | null, next: DenialReport): DenialReport {
  if (counted === null) return next;
  return { ...counted, count: counted.count + next.count, lastAt: next.lastAt };
}
