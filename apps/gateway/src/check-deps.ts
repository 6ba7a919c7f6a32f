import type { GatewayDeps } from "./deps.ts";

/**
 * Holds the configuration to what the gateway can keep its word on.
 *
 * @throws TypeError when an upstream below `/api/` could not be told who is calling, or has a name that no path can hold
 */
export function checkDeps({ apis = {}, trust, assertions }: GatewayDeps): void {
  const names = Object.keys(apis);
  if (names.length > 0 && (trust === undefined || assertions === undefined)) {
    throw new TypeError("Upstreams below /api/ need to be told who is calling: give trust and assertions.");
  }
  const wrong = names.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
  if (wrong !== undefined) throw new TypeError(`${wrong} is no name for an upstream.`);
}
