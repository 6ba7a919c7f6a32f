/** Where an event stands: in which incarnation of the log, and at which place there. */
export type Position = {
  /** When the log was made, in ms since the epoch. Tells a log that was lost and began anew from the one before. */
  readonly epoch: number;
  readonly sequence: number;
};

/**
 * A position as an event id: 13 digits of the epoch, 12 of the sequence. Of fixed width, so that text and integer order
 * agree, and ids of a new log come after those of the log that it replaces.
 */
export function toEventId({ epoch, sequence }: Position): string {
  return `${String(epoch).padStart(13, "0")}${String(sequence).padStart(12, "0")}`;
}

/** Null for anything else than an id made by `toEventId`. */
export function readEventId(id: string): Position | null {
  if (!/^\d{25}$/.test(id)) return null;
  return { epoch: Number(id.slice(0, 13)), sequence: Number(id.slice(13)) };
}
