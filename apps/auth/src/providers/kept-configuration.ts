import type { Configuration } from "openid-client";

/** Metadata is read anew after an hour, and after a failure to do so an older one is used for another minute. */
const freshMs = 60 * 60_000;
const retryMs = 60_000;

/**
 * Keeps a provider's configuration, which is discovered at the first use: a provider that is down at the start stops
 * nobody else. Requests that need it at once share one discovery.
 *
 * @param discover rejects when the provider does not answer, or not well
 */
export function keepConfiguration(
  discover: () => Promise<Configuration>,
  now: () => number,
): () => Promise<Configuration> {
  let kept: { readonly configuration: Configuration; until: number } | null = null;
  let underWay: Promise<Configuration> | null = null;

  async function renew(): Promise<Configuration> {
    try {
      const configuration = await discover();
      kept = { configuration, until: now() + freshMs };
      return configuration;
    } catch (error) {
      if (kept === null) throw error;
      kept.until = now() + retryMs;
      return kept.configuration;
    } finally {
      underWay = null;
    }
  }

  return () => {
    if (kept !== null && now() < kept.until) return Promise.resolve(kept.configuration);
    underWay ??= renew();
    return underWay;
  };
}
