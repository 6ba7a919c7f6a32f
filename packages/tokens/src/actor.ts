import { type Actor, maxActorDepth } from "./claims.ts";
import { TokenError } from "./errors.ts";
import type { WireActor } from "./payload-schemas.ts";
import { toWireVersion } from "./version.ts";

/** Reads an `act` claim that its schema has passed. */
export function fromWireActor(wire: WireActor): Actor {
  const { sub: subject, client_version: version = 0, act } = wire;
  return act === undefined ? { subject, version } : { subject, version, actor: fromWireActor(act) };
}

/** @throws TokenError `actor_too_deep` */
export function toWireActor(actor: Actor, depth = 1): WireActor {
  if (depth > maxActorDepth) throw new TokenError("actor_too_deep");
  const wire = { sub: actor.subject, ...toWireVersion("client_version", actor.version) };
  return actor.actor === undefined ? wire : { ...wire, act: toWireActor(actor.actor, depth + 1) };
}

/**
 * Measures a chain before its schema walks it.
 *
 * @throws TokenError `actor_too_deep`
 */
export function refuseDeepActor(act: unknown): void {
  let inner = act;
  for (let depth = 0; typeof inner === "object" && inner !== null; depth += 1) {
    if (depth === maxActorDepth) throw new TokenError("actor_too_deep");
    inner = "act" in inner ? inner.act : undefined;
  }
}
