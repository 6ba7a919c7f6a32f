import type { StreamConfig, StreamUpdateConfig } from "@nats-io/jetstream";

/** The stream of a bus. */
export type StreamOptions = {
  /** Its name, and the first word of its subjects. */
  readonly stream: string;
  readonly retentionMs: number;
  /** How many servers of a cluster keep it. */
  readonly replicas: number;
  /** How often its settings are looked at while there is a connection, in ms. */
  readonly checkMs: number;
};

/** A setting of a stream that is not what the bus needs. */
export type SettingDifference = { readonly name: string; readonly found: string; readonly wanted: string };

const nanosPerMs = 1_000_000;

/** Settings that no server changes in every case once the stream exists. */
const fixed: ReadonlySet<string> = new Set([
  "retention",
  "storage",
  "sealed",
  "mirror",
  "max_consumers",
  "republish",
  "persist_mode",
]);

/** Settings that lead events elsewhere or bring others in, which the bus needs absent. */
const absent: readonly string[] = ["mirror", "sources", "republish", "subject_transform", "consumer_limits"];

/**
 * What the bus needs: all events, each for the retention, in files (the log outlives a restart of the broker, and with it
 * what the broker knows of the keys). No header of a publisher may remove, expire or schedule another's event.
 */
export function settingsOf({ stream, retentionMs, replicas }: StreamOptions) {
  return {
    subjects: [`${stream}.>`],
    retention: "limits",
    storage: "file",
    discard: "old",
    max_age: retentionMs * nanosPerMs,
    duplicate_window: retentionMs * nanosPerMs,
    num_replicas: replicas,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    max_consumers: -1,
    no_ack: false,
    sealed: false,
    allow_rollup_hdrs: false,
    allow_msg_ttl: false,
    allow_msg_counter: false,
    allow_msg_schedules: false,
    discard_new_per_subject: false,
  } satisfies Partial<StreamConfig>;
}

/** What an update asks for: the settings, and the absence of those that must not be there. */
export function updateOf(options: StreamOptions): Partial<StreamUpdateConfig> {
  return { ...settingsOf(options), ...Object.fromEntries(absent.map((name) => [name, undefined])) };
}

/** Every setting of a stream that is not what the bus needs. */
export function differencesOf(config: StreamConfig, options: StreamOptions): readonly SettingDifference[] {
  const found: Readonly<Record<string, unknown>> = { ...config };
  const nothing = [...absent, "persist_mode"].map((name): [string, unknown] => [name, undefined]);
  return [...Object.entries(settingsOf(options)), ...nothing]
    .map(([name, wanted]) => ({ name, found: describe(found[name]), wanted: describe(wanted) }))
    .filter((setting) => setting.found !== setting.wanted);
}

/** Those of the differences that keep a server from the update; all, when none of them is known to. */
export function obstaclesOf(differences: readonly SettingDifference[]): readonly SettingDifference[] {
  const known = differences.filter(({ name }) => fixed.has(name));
  return known.length === 0 ? differences : known;
}

/** `none` for whatever a server leaves out, or writes, for a setting that is off. */
function describe(value: unknown): string {
  if (value === undefined || value === null || value === false || value === "default") return "none";
  if (typeof value === "object" && Object.keys(value).length === 0) return "none";
  return value === -1 ? "unlimited" : JSON.stringify(value);
}
