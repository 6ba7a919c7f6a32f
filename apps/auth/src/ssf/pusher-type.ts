/** Pushes security events to the receivers that want that (RFC 8935). */
export type Pusher = {
  /** Begins to send what waits; a receiver that is slow holds up nobody else. */
  readonly turn: () => Promise<void>;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
};
