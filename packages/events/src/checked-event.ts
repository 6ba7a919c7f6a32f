import { BusError } from "./bus-error.ts";

const maxKeyLength = 256;
const maxDataLength = 256 * 1024;

/** An event that every driver can store: the data as JSON text. */
export type CheckedEvent = { readonly key: string; readonly json: string };

/** Throws `invalid_topic` unless the topic fits every driver: a NATS subject is the narrowest. */
export function checkTopic(topic: string): void {
  if (topic.length <= 128 && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(topic)) return;
  throw new BusError("invalid_topic", "A topic is lower-case words with dots between, 128 characters at most.");
}

/** Throws `invalid_event` unless key and data fit every driver. `undefined` becomes null, as it does in JSON arrays. */
export function checkEvent(event: { readonly key: string; readonly data: unknown }): CheckedEvent {
  const { key, data } = event;
  if (key.length === 0 || key.length > maxKeyLength) {
    throw new BusError("invalid_event", `The key of an event has 1 to ${maxKeyLength} characters.`);
  }
  const json = toJson(data);
  if (json.length > maxDataLength) throw new BusError("invalid_event", "The data of an event is too big.");
  return { key, json };
}

function toJson(data: unknown): string {
  try {
    return JSON.stringify(data) ?? "null";
  } catch (cause) {
    throw new BusError("invalid_event", "The data of an event must be something that JSON can say.", { cause });
  }
}
