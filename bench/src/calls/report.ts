import type { Runtime } from "../harness/child.ts";
import { describeMachine, packageVersions, runtimeVersions } from "../harness/machine.ts";
import { postgresVersion } from "../harness/scratch-database.ts";
import { median, ratioOf } from "../harness/statistics.ts";
import { toMarkdown } from "../harness/table.ts";
import type { ChainTimes } from "./measure-chain.ts";
import type { GrantCosts } from "./measure-grants.ts";

/** Everything that was measured on one runtime. */
export type Measured = {
  readonly chain: ChainTimes;
  readonly grants: { readonly RS256: GrantCosts; readonly ES256: GrantCosts };
};

type Plan = {
  readonly rounds: number;
  readonly cold: number;
  readonly grants: number;
  readonly loads: readonly number[];
};

/** How a line reads its number, and which side of which value it is to be on. */
type Line = {
  readonly name: string;
  readonly read: (measured: Measured) => number;
  readonly unit: "×" | "µs" | "ms" | "/s";
  readonly atMost?: number;
  readonly atLeast?: number;
};

/** What Keycloak's sizing guide counts on for each vCPU: tokens a second by the client credentials grant. */
const keycloak = 120;

/** The section of docs/benchmarks.md. */
export async function report(measured: Partial<Record<Runtime, Measured>>, plan: Plan): Promise<string> {
  const versions = runtimeVersions();
  const names = { node: `Node ${versions.node}`, bun: `Bun ${versions.bun}` };
  const runtimes = (["node", "bun"] as const).filter((name) => measured[name] !== undefined);
  const all = runtimes.flatMap((name) => measured[name] ?? []);
  const table = (title: string, about: string, lines: readonly Line[]) =>
    toMarkdown({
      title,
      about,
      columns: ["", "target", ...runtimes.map((name) => names[name])],
      rows: lines.map((line) => ({ name: line.name, cells: [targetOf(line), ...all.map((one) => cellOf(line, one))] })),
    });
  return [
    await head(plan),
    table("Targets", "A ratio is the median of the ratios of each round.", targets),
    table("A call of another service", aboutChain, chainLines),
    table("Tokens from auth", aboutGrants, [...grantLines("RS256"), ...grantLines("ES256")]),
  ].join("\n");
}

async function head({ rounds, cold, grants, loads }: Plan): Promise<string> {
  return `# Calls

Written by \`npm run bench -- calls\` on ${new Date().toISOString().slice(0, 10)}; do not edit. It needs a PostgreSQL on
127.0.0.1:5432 or at \`BENCH_DATABASE_URL\`, and makes and drops databases of its own there.

- Machine: ${describeMachine()}
- Load average before the run ${loads[0]?.toFixed(1)} (0 is a machine that does nothing else); after the run ${loads[1]?.toFixed(1)}
- PostgreSQL ${await postgresVersion()} on the same machine, as it comes; ${packageVersions(["@trpc/server", "hono", "jose"])}

Every service is a process of its own. All candidates take turns within one run: ${rounds} rounds, each round in another
order, after a warm-up; ${cold} first-seen tokens and ${grants} grants in each. Figures are medians of the rounds.
`;
}

const aboutChain = `From a user's request to its answer, one at a time over one connection: the user's token is verified in orders, behind
\`protectedProcedure\`, and orders calls a query of inventory. The call is the same each time, with its deadline, circuit
and trace; what differs is what proves it. Everything is RS256.`;

const aboutGrants = `\`POST /oauth/token\` over HTTP on PostgreSQL, from eight connections, each request with a signed assertion of its own that
is good once: microseconds of the CPU of the auth process, and grants a second by the clock, while the load generator and
PostgreSQL share the machine's cores with it. Per vCPU is a second of CPU by the cost of one. Keycloak's sizing guide counts
on ${keycloak} client credentials grants a second for each vCPU.`;

const chainLines: readonly Line[] = [
  { name: "no call at all", read: chain("none"), unit: "µs" },
  { name: "a call that proves nothing", read: chain("open"), unit: "µs" },
  { name: "a call with a static shared key", read: chain("keyed"), unit: "µs" },
  { name: "a delegated call", read: chain("delegated"), unit: "µs" },
  { name: "no call at all, first-seen token", read: chain("none, first seen"), unit: "µs" },
  { name: "a call that proves nothing, first-seen token", read: chain("open, first seen"), unit: "µs" },
  { name: "a delegated call, first-seen token: one exchange", read: chain("delegated, first seen"), unit: "µs" },
  { name: "a bare round trip to auth", read: chain("round trip to auth"), unit: "µs" },
];

const targets: readonly Line[] = [
  {
    name: "warm: a delegated call / the same call that proves nothing",
    read: overNothing("delegated"),
    unit: "×",
    atMost: 1.1,
  },
  { name: "warm: a static shared key / the same call that proves nothing", read: overNothing("keyed"), unit: "×" },
  { name: "cold: what the exchange adds, less a round trip to auth", read: exchangeAdds, unit: "ms", atMost: 3 },
  ...(["RS256", "ES256"] as const).flatMap((algorithm) => [
    perVcpuOver("client credentials", algorithm),
    perVcpuOver("token exchange", algorithm),
  ]),
];

function chain(name: string) {
  return ({ chain: times }: Measured) => median(times.get(name) ?? []);
}

function overNothing(name: string) {
  return ({ chain: times }: Measured) => ratioOf(times.get(name) ?? [], times.get("open") ?? []);
}

function exchangeAdds(measured: Measured): number {
  const cold = chain("delegated, first seen")(measured) - chain("open, first seen")(measured);
  const warm = chain("delegated")(measured) - chain("open")(measured);
  return (cold - warm - chain("round trip to auth")(measured)) / 1000;
}

function perVcpuOver(name: string, algorithm: "RS256" | "ES256"): Line {
  const read = ({ grants }: Measured) => 1_000_000 / median(grants[algorithm].costs.get(name) ?? []) / keycloak;
  return { name: `${name} per second and vCPU, ${algorithm} / Keycloak's ${keycloak}`, read, unit: "×", atLeast: 10 };
}

function grantLines(algorithm: "RS256" | "ES256"): readonly Line[] {
  return ["client credentials", "token exchange"].flatMap((name): Line[] => [
    {
      name: `${algorithm}: ${name}`,
      read: ({ grants }) => median(grants[algorithm].costs.get(name) ?? []),
      unit: "µs",
    },
    {
      name: `${algorithm}: ${name}, by the clock`,
      read: ({ grants }) => median(grants[algorithm].perSecond.get(name) ?? []),
      unit: "/s",
    },
  ]);
}

function targetOf({ atMost, atLeast, unit }: Line): string {
  if (atMost !== undefined) return `≤ ${unit === "×" ? atMost.toFixed(2) : `${atMost} ${unit}`}`;
  return atLeast === undefined ? "" : `≥ ${atLeast}`;
}

function cellOf({ read, unit, atMost, atLeast }: Line, measured: Measured): string {
  const value = read(measured);
  const text = unit === "×" ? value.toFixed(value > 5 ? 1 : 3) : `${value.toFixed(unit === "ms" ? 2 : 0)} ${unit}`;
  const isMet = value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
  return isMet ? text : `**${text}, missed**`;
}
