import { createProvider, type Provider } from "./create-provider.ts";
import { createProviderFetch, type ProviderReach } from "./provider-fetch.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** The providers by name, in the order of the configuration. */
export type Providers = ReadonlyMap<string, Provider>;

/** Makes the providers of the configuration; none of them is asked for anything yet. */
export function openProviders(
  settings: readonly ProviderSettings[],
  { now, ...reach }: ProviderReach & { readonly now: () => number },
): Providers {
  const fetch = createProviderFetch(reach);
  return new Map(settings.map((provider) => [provider.name, createProvider(provider, { fetch, now })]));
}
