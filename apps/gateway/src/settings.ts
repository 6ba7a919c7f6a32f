import { type ServiceName, serviceNames } from "@countersign/access";
import { type SettingsOf, serviceUrlOf } from "@countersign/service";

export type GatewaySettings = SettingsOf<"gateway">;

/** Whether assertions on who is calling are signed for somebody: for upstreams, or for services of ours. */
export function isAsserting({ UPSTREAMS, ASSERTED_SERVICES = [] }: GatewaySettings): boolean {
  return Object.keys(UPSTREAMS).length + ASSERTED_SERVICES.length > 0;
}

/** Where the instances of each service are, by these settings. */
export function serviceOrigins(settings: GatewaySettings): Record<ServiceName, readonly string[]> {
  const found = serviceNames.map((name) => [name, settings[serviceUrlOf(name)]]);
  return Object.fromEntries(found) as Record<ServiceName, readonly string[]>; // one for every name
}
