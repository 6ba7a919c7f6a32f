import { z } from "zod";
import { readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { readHeader } from "./header.ts";
import type { AsymmetricAlgorithm } from "./jwk.ts";
import type { KeySource } from "./key-source.ts";
import { absent, identifier, onlyAudience, readClaims, registeredClaims } from "./payload-schemas.ts";
import { signCompact } from "./sign-compact.ts";
import { checkSignature } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";

/** What a Security Event Token says (RFC 8417 §2.2). It holds one event, as the Shared Signals Framework demands. */
export type SecurityEvent = {
  /** The `jti`: one event has one, however often it is sent. */
  id: string;
  /** Epoch seconds. */
  issuedAt: number;
  /** Whom or what the event is about (RFC 9493). */
  subject: Readonly<Record<string, unknown>>;
  /** A URI. */
  type: string;
  /** The members of the event, by its type. */
  event: Readonly<Record<string, unknown>>;
  /** The `txn`: what several events have in common that one thing caused. */
  transaction?: string;
  /** Where the event stands in the sequence of its issuer; absent where none is kept. */
  position?: FeedPosition;
};

/** A place in a sequence without gaps. */
export type FeedPosition = {
  /** Names the sequence: one that was begun anew has another. */
  epoch: string;
  /** The number of the event, or of the last event before a heartbeat. */
  number: number;
  /** Counts heartbeats; only on one. */
  beat?: number;
  /** The oldest event that still matters; only on a heartbeat. */
  first?: number;
};

/** Who signs, and who is to take the event. */
export type SecurityEventParties = { issuer: string; audience: string };

/**
 * Signs a Security Event Token. It has no `exp` and no `sub` (RFC 8417 §2.2, Shared Signals Framework 1.0 §4.1), so that it
 * never passes for an access token.
 *
 * @throws TokenError `bad_claims`, `too_large`: the event is at fault, nothing is signed
 */
export async function signSecurityEvent(
  event: SecurityEvent,
  { issuer, audience }: SecurityEventParties,
  key: SigningKey,
): Promise<string> {
  const { id, issuedAt, subject, type, position, transaction } = event;
  const cause = transaction === undefined ? {} : { txn: transaction };
  const sequence = position === undefined ? {} : { feed: position };
  const payload = { iss: issuer, aud: audience, jti: id, iat: issuedAt, sub_id: subject, ...cause, ...sequence };
  const complete = { ...payload, events: { [type]: event.event } };
  readClaims(securityEventPayload, complete);
  return await signCompact(complete, securityEventType, key);
}

/**
 * Verifies a Security Event Token: its type, issuer, audience and signature. No clock is asked: a replayed event changes
 * nothing, and what is missing is told by the numbers.
 *
 * @throws TokenError with the one code of the cause; `keys_unavailable` is the only one that is not the token's fault
 */
export async function verifySecurityEvent(
  token: string,
  keys: KeySource,
  policy: SecurityEventParties & { algorithms: readonly AsymmetricAlgorithm[] },
): Promise<SecurityEvent> {
  const compact = readCompact(token);
  const header = readHeader(compact.header, { types: [securityEventType], algorithms: policy.algorithms });
  const wire = readClaims(securityEventPayload, compact.payload);
  const audience = typeof wire.aud === "string" ? wire.aud : wire.aud[0];
  if (wire.iss !== policy.issuer) throw new TokenError("wrong_issuer");
  if (audience !== policy.audience) throw new TokenError("wrong_audience");
  checkSignature(compact, await keys.find(header.kid, header.algorithm), header.algorithm);
  const [[type, event] = ["", {}]] = Object.entries(wire.events);
  const cause = wire.txn === undefined ? {} : { transaction: wire.txn };
  const said = { id: wire.jti, issuedAt: wire.iat, subject: wire.sub_id, type, event, ...cause };
  return wire.feed === undefined ? said : { ...said, position: toPosition(wire.feed) };
}

/**
 * The position that a token claims, nothing of it verified: good only to leave out, unread, an event that was applied
 * already. Null where it cannot be read.
 */
export function peekFeedPosition(token: string): FeedPosition | null {
  try {
    const { feed } = readClaims(z.object({ feed: position }), readCompact(token).payload);
    return toPosition(feed);
  } catch (error) {
    if (error instanceof TokenError) return null; // its verification says what is wrong
    throw error;
  }
}

/** RFC 8417 §2.3. */
const securityEventType = "secevent+jwt";

const count = z.int().nonnegative();
const position = z.object({
  epoch: identifier,
  number: count,
  beat: count.optional(),
  first: count.optional(),
});
const members = z.record(z.string(), z.unknown());
const { iss, jti, iat } = registeredClaims;
const securityEventPayload = z.object({
  iss,
  jti,
  iat,
  aud: onlyAudience,
  sub_id: members,
  events: z.record(identifier, members).refine((events) => Object.keys(events).length === 1),
  txn: identifier.optional(),
  feed: position.optional(),
  sub: absent,
  exp: absent,
  token_class: absent, // a claim of access tokens: whoever mixes the two is refused
});

function toPosition({ epoch, number, beat, first }: z.output<typeof position>): FeedPosition {
  const heartbeat = { ...(beat === undefined ? {} : { beat }), ...(first === undefined ? {} : { first }) };
  return { epoch, number, ...heartbeat };
}
