import type { Runtime } from "../harness/child.ts";
import { describeMachine, packageVersions, runtimeVersions } from "../harness/machine.ts";
import { postgresVersion } from "../harness/scratch-database.ts";
import { median, quantile, ratioOf } from "../harness/statistics.ts";
import { type Row, toMarkdown } from "../harness/table.ts";
import type { Measured, Plan } from "./measure.ts";
import { revocationCount } from "./revocations.ts";
import { algorithms } from "./verification.ts";

type ByRuntime = Partial<Record<Runtime, Measured>>;

/** How a number reads, and which side of what it is to be on. */
type Figure = {
  readonly value: number;
  readonly text: string;
  /** Nothing when there is no target. */
  readonly met?: boolean;
};

type Read = (measured: Measured) => Figure;

/** The section of docs/benchmarks.md. */
export async function report(measured: ByRuntime, plan: Plan & { readonly loads: readonly number[] }): Promise<string> {
  const versions = runtimeVersions();
  const names = { node: `Node ${versions.node}`, bun: `Bun ${versions.bun}` };
  const runtimes = (["node", "bun"] as const).filter((name) => measured[name] !== undefined);
  const table = (title: string, about: string, lines: readonly Line[]) =>
    toMarkdown({
      title,
      about,
      columns: ["", "target", ...runtimes.map((name) => names[name])],
      rows: lines.map((line) =>
        toRow(
          line,
          runtimes.flatMap((name) => measured[name] ?? []),
        ),
      ),
    });
  const sections = [
    table("Targets", "A ratio is the median of the ratios of each round.", targets),
    table("One call", aboutCalls, callLines(runtimes.flatMap((name) => measured[name] ?? []))),
    table("First-seen tokens", aboutVerification, verificationLines),
    table("Refresh", aboutRefresh, [...refreshLines("RS256"), ...refreshLines("ES256")]),
    table("Sign-in", aboutSignIn, signInLines),
    table("Revocations", aboutRevocations, revocationLines),
  ];
  return [await head(plan), ...sections].join("\n");
}

type Line = { readonly name: string; readonly target?: string; readonly read: Read };

function toRow({ name, target = "", read }: Line, measured: readonly Measured[]): Row {
  const cells = measured.map((one) => {
    const { text, met } = read(one);
    return met === false ? `**${text}, missed**` : text;
  });
  return { name, cells: [target, ...cells] };
}

async function head({ rounds, milliseconds, loads }: Plan & { readonly loads: readonly number[] }): Promise<string> {
  const peers = ["express", "jsonwebtoken", "fastify", "@fastify/jwt", "hono", "better-auth", "jose", "@trpc/server"];
  return `# Tokens

Written by \`npm run bench -- tokens\` on ${new Date().toISOString().slice(0, 10)}; do not edit. It needs a PostgreSQL on
127.0.0.1:5432 or at \`BENCH_DATABASE_URL\`, and makes and drops databases of its own there.

- Machine: ${describeMachine()}
- Load average before the run ${loads[0]?.toFixed(1)} (0 is a machine that does nothing else); after the run ${loads[1]?.toFixed(1)}
- PostgreSQL ${await postgresVersion()} on the same machine, as it comes; ${packageVersions(peers)}

How it is measured: each candidate is a server process of its own, driven over eight kept-alive connections by another
process. What counts is the CPU time of the server process per call (\`process.cpuUsage()\`: every thread, user and
system), in microseconds; the CPU of the load generator and of PostgreSQL is not in it. All candidates take turns within
one run: ${rounds} rounds, each round in another order, about ${milliseconds} ms each time, after a warm-up. Figures are medians of the
rounds. The figures depend on the machine and on what else it does; the ratios are what to look at.
`;
}

function ratio(value: number, limit?: { readonly atMost?: number; readonly atLeast?: number }): Figure {
  const text = value.toFixed(limit === undefined || value > 2 ? 2 : 3);
  if (limit?.atMost !== undefined) return { value, text, met: value <= limit.atMost };
  return limit?.atLeast === undefined ? { value, text } : { value, text, met: value >= limit.atLeast };
}

function micros(values: readonly number[]): Figure {
  const value = median(values);
  return { value, text: `${value.toFixed(value < 100 ? 1 : 0)} µs` };
}

function millis(value: number, atMost?: number): Figure {
  const text = `${value.toFixed(1)} ms`;
  return atMost === undefined ? { value, text } : { value, text, met: value < atMost };
}

const mine = "countersign: protected";

function callCost({ calls }: Measured, name: string): readonly number[] {
  return calls.get(name) ?? [];
}

function refreshRatio(measured: Measured, algorithm: "RS256" | "ES256"): number {
  const { costs } = measured.refreshes[algorithm];
  const of = (name: string) => costs.get(name) ?? [];
  const sum = of("signature").map(
    (one, round) => one + (of("statement")[round] ?? Number.NaN) + (of("public call")[round] ?? Number.NaN),
  );
  return ratioOf(of("refresh"), sum);
}

function perVcpu(measured: Measured, algorithm: "RS256" | "ES256"): number {
  return 1e6 / median(measured.refreshes[algorithm].costs.get("refresh") ?? []);
}

/** Every peer's call in the same protocol; those without tRPC answer something else and are shown for what they are. */
function worstPeerRatio(measured: Measured): number {
  const peers = [...measured.calls.keys()].filter((name) => !/countersign|without tRPC/.test(name));
  return Math.min(...peers.map((name) => ratioOf(callCost(measured, name), callCost(measured, mine))));
}

const targets: readonly Line[] = [
  {
    name: "a query behind protectedProcedure / behind publicProcedure",
    target: "≤ 1.07",
    read: (one) => ratio(ratioOf(one.revocations.protected, one.revocations.public), { atMost: 1.07 }),
  },
  {
    name: "the nearest of the peers / the same query of ours",
    target: "> 1",
    read: (one) => ratio(worstPeerRatio(one), { atLeast: 1 }),
  },
  ...algorithms.map((algorithm) => ({
    name: `first-seen token, ${algorithm}: verifyCompact / jose's jwtVerify`,
    target: "≤ 1.20",
    read: (one: Measured) =>
      ratio(ratioOf(one.verification.get(`${algorithm} ours`) ?? [], one.verification.get(`${algorithm} jose`) ?? []), {
        atMost: 1.2,
      }),
  })),
  ...(["RS256", "ES256"] as const).flatMap((algorithm) => [
    {
      name: `refresh, ${algorithm}: CPU / sum of its parts`,
      target: "≤ 1.25",
      read: (one: Measured) => ratio(refreshRatio(one, algorithm), { atMost: 1.25 }),
    },
    {
      name: `refreshes per second and vCPU, ${algorithm} / Keycloak's 120`,
      target: "≥ 10",
      read: (one: Measured) => ratio(perVcpu(one, algorithm) / 120, { atLeast: 10 }),
    },
  ]),
  {
    name: "sign-ins per second / bare argon2id per second",
    target: "≥ 0.90",
    read: ({ signIns }) => ratio(ratioOf(signIns.signIns, signIns.hashes), { atLeast: 0.9 }),
  },
  {
    name: "p99 of a public query during sign-ins",
    target: "< 10 ms",
    read: ({ signIns }) => millis(quantile(signIns.duringSignIns, 0.99), 10),
  },
  {
    name: "heap for 100,000 live revocations",
    target: "< 40 MB",
    read: ({ revocations: { heap } }) => ({ value: heap, text: `${(heap / 1e6).toFixed(1)} MB`, met: heap < 40e6 }),
  },
  {
    name: "a protected call with 100,000 revocations / with none",
    target: "< 1.02",
    read: ({ revocations }) => ratio(ratioOf(revocations.crowded, revocations.protected), { atMost: 1.02 }),
  },
  ...(["in-process", "postgres"] as const).map((bus) => ({
    name: `revocation lag, ${bus === "postgres" ? "over PostgreSQL" : "in process"}: p99`,
    target: "< 1000 ms",
    read: (one: Measured) => millis(quantile(one.lag[bus], 0.99), 1000),
  })),
];

const aboutCalls = `Microseconds of server CPU for one tRPC query that answers the caller's id, and that cost as a multiple of ours. Every
token is RS256 and warm except where it says first seen. Each peer stands as its own documentation mounts it, with
issuer, audience and algorithm checked: hono/jwk has its keys at hand instead of fetching them; better-auth and the
service that asks are mounted by \`fetchRequestHandler\`, the cheapest mount. The lines without tRPC answer the same JSON
from a plain route and are there to tell the cost of tRPC from that of the check. The service that asks calls
\`POST /auth/verify\` of this project over HTTP.`;

function callLines([first]: readonly Measured[]): readonly Line[] {
  return [...(first?.calls.keys() ?? [])].map((name) => ({
    name,
    read: (one) => {
      const figure = micros(callCost(one, name));
      return { ...figure, text: `${figure.text} (${ratioOf(callCost(one, name), callCost(one, mine)).toFixed(2)}×)` };
    },
  }));
}

const aboutVerification = `Inside one process, one token after another: \`verifyCompact\` with every check of this project, jose's \`jwtVerify\` with the
same key and issuer, audience, algorithm, type and required claims, and the runtime's bare check of the signature.`;

const verificationLines: readonly Line[] = algorithms.flatMap((algorithm) => [
  { name: `${algorithm}: verifyCompact`, read: (one) => micros(one.verification.get(`${algorithm} ours`) ?? []) },
  { name: `${algorithm}: jose`, read: (one) => micros(one.verification.get(`${algorithm} jose`) ?? []) },
  { name: `${algorithm}: bare signature`, read: (one) => micros(one.verification.get(`${algorithm} bare`) ?? []) },
]);

const aboutRefresh = `Refreshes over HTTP on PostgreSQL, eight sessions at once, each the whole rotation. The parts are measured in the same
process in the same rounds: one signature by jose, the very same statement through the bare driver, prepared, and one
public mutation of the same size. The parts in one call are a public mutation that runs the statement through the bare
driver and signs by jose, driven as refreshes are: what the same work costs without auth. pgbench runs that statement from eight connections. Keycloak's sizing guide counts
120 refreshes per second for each vCPU of its own; per vCPU here means of the auth process.`;

function refreshLines(algorithm: "RS256" | "ES256"): readonly Line[] {
  const part = (name: string): Line => ({
    name: `${algorithm}: ${name}`,
    read: (one) => micros(one.refreshes[algorithm].costs.get(name) ?? []),
  });
  const count = (value: number | null): Figure => ({
    value: value ?? Number.NaN,
    text: value === null ? "no pgbench" : `${Math.round(value)} /s`,
  });
  return [
    part("refresh"),
    part("signature"),
    part("statement"),
    part("public call"),
    part("the parts in one call"),
    {
      name: `${algorithm}: refresh / the parts in one call`,
      read: ({
        refreshes: {
          [algorithm]: { costs },
        },
      }) => ratio(ratioOf(costs.get("refresh") ?? [], costs.get("the parts in one call") ?? []), {}),
    },
    { name: `${algorithm}: refreshes`, read: (one) => count(median(one.refreshes[algorithm].perSecond)) },
    { name: `${algorithm}: refreshes per vCPU of auth`, read: (one) => count(perVcpu(one, algorithm)) },
    { name: `${algorithm}: pgbench, the statement alone`, read: (one) => count(one.refreshes[algorithm].pgbench) },
  ];
}

const aboutSignIn = `Sign-ins over HTTP with the product's own argon2id parameters on PostgreSQL, four at once for two cores, in turns with
bare argon2id of the same parameters, two at once; during both a public query is sent every 10 ms. Load generator and
PostgreSQL share the cores with both.`;

const signInLines: readonly Line[] = [
  { name: "sign-ins per second", read: ({ signIns }) => ratio(median(signIns.signIns)) },
  { name: "bare argon2id per second", read: ({ signIns }) => ratio(median(signIns.hashes)) },
  { name: "CPU of auth for a sign-in", read: ({ signIns }) => millis(median(signIns.cpuOfSignIn)) },
  { name: "CPU of auth for a bare argon2id", read: ({ signIns }) => millis(median(signIns.cpuOfHash)) },
  {
    name: "CPU of auth: bare argon2id / sign-in",
    read: ({ signIns }) => ratio(ratioOf(signIns.cpuOfHash, signIns.cpuOfSignIn), {}),
  },
  { name: "public query during sign-ins: p50", read: ({ signIns }) => millis(quantile(signIns.duringSignIns, 0.5)) },
  { name: "public query during sign-ins: p99", read: ({ signIns }) => millis(quantile(signIns.duringSignIns, 0.99)) },
  {
    name: "public query during bare argon2id: p99",
    read: ({ signIns }) => millis(quantile(signIns.duringHashes, 0.99)),
  },
];

const aboutRevocations = `One process holds four servers' worth of calls in many short turns: public, public with a header of no meaning that is
as long as the one with the token (what the runtime spends on reading it is not the check's), protected, and protected at
a service that holds ${revocationCount.toLocaleString("en")} live revocations. Lag is from the answer of \`logout\` to the arrival of the first refusal at a
service that is asked again and again, so it is never less than one round trip: in process with one service beside auth,
over PostgreSQL with three service processes.`;

const revocationLines: readonly Line[] = [
  { name: "public call", read: ({ revocations }) => micros(revocations.public) },
  { name: "public call, with a header as long as a token's", read: ({ revocations }) => micros(revocations.padded) },
  { name: "protected call", read: ({ revocations }) => micros(revocations.protected) },
  { name: "protected call, 100,000 revocations held", read: ({ revocations }) => micros(revocations.crowded) },
  {
    name: "protected call / public call with a header as long",
    read: ({ revocations }) => ratio(ratioOf(revocations.protected, revocations.padded), {}),
  },
  {
    name: "resident memory that they take",
    read: ({ revocations: { resident } }) => ({ value: resident, text: `${(resident / 1e6).toFixed(1)} MB` }),
  },
  ...(["in-process", "postgres"] as const).flatMap((bus) =>
    ([0.5, 0.99, 1] as const).map((share) => ({
      name: `lag ${bus === "postgres" ? "over PostgreSQL" : "in process"}: ${share === 1 ? "max" : `p${share * 100}`}`,
      read: (one: Measured) => millis(quantile(one.lag[bus], share)),
    })),
  ),
];
