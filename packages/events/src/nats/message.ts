import type { BusEvent } from "../bus.ts";
import type { CheckedEvent } from "../checked-event.ts";

/** An event as the payload of a message. */
export function toMessage({ key, json }: CheckedEvent, at: number): string {
  return `{"key":${JSON.stringify(key)},"at":${at},"data":${json}}`;
}

/** Null for a payload that is no event: others may write to the subjects of the stream. */
export function fromMessage(payload: string): Pick<BusEvent, "key" | "at" | "data"> | null {
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value !== "object" || value === null) return null;
    if (!("key" in value && "at" in value && "data" in value)) return null;
    const { key, at, data } = value;
    return typeof key === "string" && typeof at === "number" ? { key, at, data } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
