import { ConfigurationError } from "./configuration-error.ts";

type EventsSettings = {
  readonly EVENTS_URL: string | undefined;
  readonly EVENTS_CREDENTIALS_FILE: string | undefined;
  readonly EVENTS_CA_FILE: string | undefined;
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
