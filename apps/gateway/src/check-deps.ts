import { isService } from "@countersign/access";
import type { GatewayDeps } from "./deps.ts";

/**
 * Holds the configuration to what the gateway can keep its word on.
 *
 * @throws TypeError when somebody who takes the gateway's word could not be told who is calling, or an upstream below
 * `/api/` has a name that no path can hold
 */
export function checkDeps({ apis = {}, asserted = [], trust, assertions }: GatewayDeps): void {
  const names = Object.keys(apis);
  if (names.length + asserted.length > 0 && (trust === undefined || assertions === undefined)) {
    throw new TypeError("Who takes the gateway's word on who is calling has to be told: give trust and assertions.");
  }
  // A name of a service would make an assertion for the one good at the other
  const wrong = names.find((name) => !/^[a-z][a-z0-9-]*$/.test(name) || isService(name));
  if (wrong !== undefined) throw new TypeError(`${wrong} is no name for an upstream.`);
}
