import type { SecurityEvent } from "@countersign/tokens";
import { z } from "zod";
import type { Revocation } from "./revocations.ts";

/** The audience of the events that auth signs for its services; no event for an outsider has it. */
export const feedAudience = "urn:countersign:services";

const caep = "https://schemas.openid.net/secevent/caep/event-type/";
const own = "urn:countersign:event:";

/** The types of the events on the feed: those of CAEP 1.0 where it has one, and ours. */
export const eventTypes = {
  sessionRevoked: `${caep}session-revoked`,
  claimsChanged: `${caep}token-claims-change`,
  tokenRevoked: `${own}token-revoked`,
  serviceDisabled: `${own}service-disabled`,
  keyRevoked: `${own}key-revoked`,
  heartbeat: `${own}heartbeat`,
} as const;

/** What a revocation is told for: whether sessions ended, or only the rights in tokens changed. */
export type RevocationCause = { readonly reason: string | null; readonly issuer: string };

type Said = Pick<SecurityEvent, "subject" | "type" | "event">;

/** The type, subject (RFC 9493) and members of the event that says a revocation; `fromSecurityEvent` reads them back. */
export function toSecurityEvent(revocation: Revocation, { reason, issuer }: RevocationCause): Said {
  const { kind, id, below, except, expiresAt } = revocation;
  const why = reason === null ? {} : { reason_admin: { en: reason } };
  const bounds = { ...(below === undefined ? {} : { below }), ...(except === undefined ? {} : { except }) };
  const event = { ...why, ...bounds, until: expiresAt };
  switch (kind) {
    case "session": {
      const subject = { format: "complex", session: { format: "opaque", id } };
      return { type: eventTypes.sessionRevoked, subject, event };
    }
    case "user": {
      const subject = { format: "iss_sub", iss: issuer, sub: id };
      if (reason !== rolesChanged) return { type: eventTypes.sessionRevoked, subject, event };
      return { type: eventTypes.claimsChanged, subject, event: { ...event, claims: { user_version: below } } };
    }
    case "token":
      return { type: eventTypes.tokenRevoked, subject: { format: "jwt_id", iss: issuer, jti: id }, event };
    case "service":
      return { type: eventTypes.serviceDisabled, subject: { format: "opaque", id }, event };
    case "key":
      return { type: eventTypes.keyRevoked, subject: { format: "opaque", id }, event };
  }
}

/** The reason of a change that ends tokens and no session. */
export const rolesChanged = "roles_changed";

/**
 * Reads a revocation from an event that was verified; null for an event of another type, which a newer auth may send.
 *
 * @throws ZodError for an event of ours whose members are not as `toSecurityEvent` writes them, such as one of a user
 * without a bound
 */
export function fromSecurityEvent({ type, subject, event }: Said): Revocation | null {
  const { until: expiresAt, ...bounds } = members.parse(event);
  switch (type) {
    case eventTypes.sessionRevoked:
    case eventTypes.claimsChanged: {
      const about = aboutPerson.parse(subject);
      if (about.format === "complex") return { kind: "session", id: about.session.id, expiresAt };
      return { kind: "user", id: about.sub, ...bounded.parse(bounds), expiresAt };
    }
    case eventTypes.tokenRevoked:
      return { kind: "token", id: aboutToken.parse(subject).jti, expiresAt };
    case eventTypes.serviceDisabled:
      return { kind: "service", id: aboutThing.parse(subject).id, ...bounded.parse(bounds), expiresAt };
    case eventTypes.keyRevoked:
      return { kind: "key", id: aboutThing.parse(subject).id, expiresAt };
    default:
      return null;
  }
}

const members = z.object({ until: z.int().positive(), below: z.unknown(), except: z.unknown() }).partial({
  below: true,
  except: true,
});
const bounded = z
  .object({ below: z.int().positive(), except: z.string().optional() })
  .transform(({ below, except }) => (except === undefined ? { below } : { below, except }));
const aboutThing = z.object({ format: z.literal("opaque"), id: z.string() });
const aboutToken = z.object({ format: z.literal("jwt_id"), jti: z.string() });
const aboutPerson = z.discriminatedUnion("format", [
  z.object({ format: z.literal("complex"), session: aboutThing }),
  z.object({ format: z.literal("iss_sub"), sub: z.string() }),
]);
