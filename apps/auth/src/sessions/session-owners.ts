import { LRUCache } from "lru-cache";

/** The users of sessions that this process has issued tokens for: a refresh token says its session, and not its user. */
export type SessionOwners = {
  set(sessionId: string, userId: string): void;
  /** Null for a session that this process has not seen, or has forgotten. */
  get(sessionId: string): string | null;
};

/** Some 200 bytes each. What is forgotten is counted by its session alone, once. */
const most = 50_000;

/** Remembers in memory, so that a refresh is counted for its user without another question to the database. */
export function createSessionOwners(): SessionOwners {
  const owners = new LRUCache<string, string>({ max: most });
  return {
    set: (sessionId, userId) => void owners.set(sessionId, userId),
    get: (sessionId) => owners.get(sessionId) ?? null,
  };
}
