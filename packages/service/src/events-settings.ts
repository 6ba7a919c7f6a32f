import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError, setting } from "./env.ts";

/** How the event bus over NATS is spoken to, beside its URL; `.env.example` has a line on each. */
export const eventsSettings = {
  EVENTS_CREDENTIALS_FILE: fileWith("BEGIN NATS USER JWT", "a user's JWT and seed, as nsc writes them").optional(),
  EVENTS_CA_FILE: fileWith("BEGIN CERTIFICATE", "certificates (PEM)").optional(),
  EVENTS_REPLICAS: z
    .enum(["1", "3", "5"], "is 1, 3 or 5: how many servers of a NATS cluster keep the stream")
    .default("1")
    .transform(Number),
};

/** The same with the URL, for who follows the bus itself. */
export const brokerSettings = { EVENTS_URL: setting.eventsUrl(), ...eventsSettings };

type EventsSettings = {
  readonly EVENTS_URL?: string | undefined;
  readonly EVENTS_CREDENTIALS_FILE?: string | undefined;
  readonly EVENTS_CA_FILE?: string | undefined;
  readonly EVENTS_REPLICAS: number;
};

/** Where events travel and how the broker is spoken to, as these settings say. */
export type EventsOptions = {
  readonly eventsUrl: string | undefined;
  /** Only told to a bus over NATS. */
  readonly broker: {
    readonly credentialsFile: string | undefined;
    readonly caFile: string | undefined;
    readonly replicas: number;
  };
};

/**
 * The options of `openBus` that these settings stand for.
 *
 * @throws ConfigurationError when a user is named twice, or a broker's file without a broker
 */
export function eventsOptions(settings: EventsSettings): EventsOptions {
  const { EVENTS_URL: eventsUrl, EVENTS_CREDENTIALS_FILE: credentialsFile, EVENTS_CA_FILE: caFile } = settings;
  const isNats = eventsUrl !== undefined && eventsUrl !== "auth";
  const problem =
    credentialsFile !== undefined && isNats && /\/\/[^,]*@/.test(eventsUrl)
      ? "EVENTS_URL, EVENTS_CREDENTIALS_FILE: each names a user; set one of the two."
      : null;
  const withoutBroker = isNats
    ? []
    : Object.entries({ EVENTS_CREDENTIALS_FILE: credentialsFile, EVENTS_CA_FILE: caFile });
  const idle = withoutBroker.filter(([, file]) => file !== undefined).map(([name]) => name);
  const found = idle.length > 0 ? `${idle.join(", ")}: EVENTS_URL names no NATS server to use it with.` : problem;
  if (found !== null) throw new ConfigurationError(`The environment is not one to start with:\n  ${found}`);
  return { eventsUrl, broker: { credentialsFile, caFile, replicas: settings.EVENTS_REPLICAS } };
}

/** The path of a file that can be read and has this in it. */
function fileWith(mark: string, what: string) {
  return z.string().superRefine((file, issues) => {
    try {
      if (readFileSync(file, "utf8").includes(mark)) return;
      issues.addIssue({ code: "custom", message: `names a file without ${what}` });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      issues.addIssue({ code: "custom", message: `names a file that cannot be read (${code})` });
    }
  });
}
