import type { Actor } from "@countersign/tokens";

/** The services of a chain of actors, the latest first. */
export function chainOf(actor: Actor): readonly string[] {
  return actor.actor === undefined ? [actor.subject] : [actor.subject, ...chainOf(actor.actor)];
}
