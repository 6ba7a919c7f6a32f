import type { ServiceName } from "@countersign/access";
import {
  createRevocations,
  createVerifier,
  type Denial,
  type Feed,
  followRevocations,
  type Log,
  type RevocationSource,
  type TokenCheck,
  type Verifier,
  type VerifierDeps,
} from "@countersign/context";
import type { EventBus } from "@countersign/events";
import { type Metrics, reportDenials, type ServiceKey, watchIdentity } from "@countersign/service";

/** What the gateway knows of tokens by itself: auth's keys and what was revoked since. */
export type Trust = {
  /** Verifies as that service does: what it refuses the service would refuse with the same words. */
  verifierFor(service: ServiceName): Verifier;
  /** Reports a refusal of the gateway's own to auth's audit log. */
  denied(denial: Denial): void;
  readonly feed: Feed;
  /** Shows what it holds and how its feed stands, as services do. */
  watch(metrics: Metrics): void;
  close(): Promise<void>;
};

export type TrustDeps = {
  /** The issuer that tokens must name, the public origin. */
  readonly issuer: string;
  readonly algorithms: VerifierDeps["algorithms"];
  /** How it is found out whether a token is good: by auth's keys. */
  readonly check: TokenCheck;
  /** Whose revocations it takes. */
  readonly source: RevocationSource;
  /** The gateway's own private key, which signs its reports of refusals; without one they are lost. */
  readonly key: ServiceKey | undefined;
  /** Brings revocations, and takes reports of what was refused. */
  readonly bus: EventBus;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** Follows the feed of revocations from here on, until it is closed. */
export function createTrust({ issuer, algorithms, check, source, key, bus, log, now }: TrustDeps): Trust {
  const revocations = createRevocations({ now });
  const verifiers = new Map<ServiceName, Verifier>();

  function verifierFor(service: ServiceName): Verifier {
    const known = verifiers.get(service);
    if (known !== undefined) return known;
    const verifier = createVerifier({ service, issuer, algorithms, check, revocations, now });
    verifiers.set(service, verifier);
    return verifier;
  }

  function remembered(): ReturnType<Verifier["remembered"]> {
    const each = [...verifiers.values()].map((verifier) => verifier.remembered());
    const sum = (name: "size" | "hits" | "misses") => each.reduce((total, one) => total + one[name], 0);
    return { size: sum("size"), hits: sum("hits"), misses: sum("misses") };
  }

  function revokeKey(kid: string): void {
    check.revokeKey(kid);
    for (const verifier of verifiers.values()) verifier.forget();
  }

  const feed = followRevocations({ bus, source, revocations, verifier: verifierFor("auth"), revokeKey, log, now });
  const denials = reportDenials({ service: "gateway", key, issuer, bus, log, now });
  return {
    verifierFor,
    denied: (denial) => denials.report(denial),
    feed,
    watch: (metrics) => watchIdentity(metrics, { verifier: { remembered }, revocations, feed, denials }),
    async close() {
      await denials.close();
      await feed.close();
    },
  };
}
