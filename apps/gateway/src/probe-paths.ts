/** What a balancer, an orchestrator or a person asks of the gateway itself. */
export type Probe = "overview" | "live" | "ready";

/** The probe that a path names, or null. */
export function probeOf(pathname: string): Probe | null {
  return probes.get(pathname) ?? null;
}

/** The methods of a probe: HAProxy's `option httpchk` asks by OPTIONS unless it is told otherwise. */
export const probeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

const probes: ReadonlyMap<string, Probe> = new Map([
  ["/health", "overview"],
  ["/health/live", "live"],
  ["/health/ready", "ready"],
]);
