import type { Env } from "./read-settings.ts";
import { isSecretSetting, type SettingName, settingNames } from "./table.ts";

/** A variable that is no setting, and the setting that it was probably meant for. */
export type NearName = { readonly name: string; readonly meant: string };

/** The variables of a setting: its own, and for a secret that of the file. */
export function variablesOf(name: SettingName): readonly string[] {
  return isSecretSetting(name) ? [name, `${name}_FILE`] : [name];
}

/** Every variable that is read. */
export const variableNames: readonly string[] = settingNames.flatMap(variablesOf);

/**
 * The variables of an environment whose name is nearly that of a setting: another order of the same words, a singular for
 * a plural, lower case, or a slip of the keys, of which a longer name may have more.
 */
export function findNearNames(env: Env): readonly NearName[] {
  const names = Object.keys(env).filter((name) => !variableNames.includes(name) && !foreignNames.has(name));
  return names.flatMap((name) => {
    const meant = variableNames.find((known) => isSame(name, known)) ?? nearest(name);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** What other programs read, near as it is to ours. */
const foreignNames: ReadonlySet<string> = new Set(["HOME", "POST", "PORTS", "HOSTS"]);

function isSame(name: string, known: string): boolean {
  return wordsOf(name) === wordsOf(known);
}

function wordsOf(name: string): string {
  const words = name.toUpperCase().split(/[_-]+/);
  return words
    .map((word) => word.replace(/IES$/, "Y").replace(/(?<=..)S$/, ""))
    .toSorted()
    .join(" ");
}

function nearest(name: string): string | undefined {
  const upper = name.toUpperCase();
  const slips = Math.min(2, Math.floor(upper.length / 4));
  const near = variableNames.map((known) => ({ known, distance: distance(upper, known, slips) }));
  return near.filter((one) => one.distance <= slips).toSorted((one, other) => one.distance - other.distance)[0]?.known;
}

/**
 * How many letters were left out, put in, changed or exchanged with their neighbour (optimal string alignment); more than
 * `most` where the lengths differ by more already.
 */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const row = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isEqual = one[at - 1] === other[to - 1];
      const steps = [(last[to] ?? 0) + 1, (row[to - 1] ?? 0) + 1, (last[to - 1] ?? 0) + (isEqual ? 0 : 1)];
      const isExchanged = at > 1 && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      if (isExchanged) steps.push((before[to - 2] ?? 0) + 1);
      row.push(Math.min(...steps));
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? most + 1;
}
