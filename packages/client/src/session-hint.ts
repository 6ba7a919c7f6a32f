/** What auth's hint cookie says of the session that the browser's other cookies belong to. It is no credential. */
export type SessionHint = {
  /** Which session; another one has another name. */
  readonly session: string;
  /** Counts the renewals of the session. */
  readonly generation: number;
  /** When the access token ends, by auth's clock; epoch milliseconds. */
  readonly endsAt: number;
};

/** Finds the hint in `document.cookie` or a Cookie header; null without a session, and where cookies cannot be seen. */
export function readHint(cookies: string): SessionHint | null {
  const [, session, generation, endsAt] = prefixed.exec(cookies) ?? plain.exec(cookies) ?? [];
  if (session === undefined) return null;
  return { session, generation: Number(generation), endsAt: Number(endsAt) * 1000 };
}

/** Over https only the prefixed one is believed to come from auth, so that it goes first (RFC 6265bis §4.1.3). */
const prefixed = /(?:^|; ?)__Host-session_hint=([0-9a-f]{16})\.(\d{1,10})\.(\d{1,10})(?=;|$)/;
const plain = /(?:^|; ?)session_hint=([0-9a-f]{16})\.(\d{1,10})\.(\d{1,10})(?=;|$)/;

/**
 * What became of the session between two looks: still the same tokens, new tokens of the same session, or no longer that
 * session. Two looks that saw nothing are the same: there is no session, or the page may not see whether.
 */
export function changeOf(before: SessionHint | null, now: SessionHint | null): "none" | "renewed" | "gone" {
  if (before?.session !== now?.session) return "gone";
  return before === null || now === null || now.generation <= before.generation ? "none" : "renewed";
}
