import type { Runtime } from "../harness/child.ts";
import { describeMachine, packageVersions, runtimeVersions } from "../harness/machine.ts";
import { median } from "../harness/statistics.ts";
import { toMarkdown } from "../harness/table.ts";
import type { Measured, Plan, Proxied } from "./measure.ts";

type Context = { readonly plan: Plan; readonly loads: readonly number[] };

/** How a line reads its number, and what it may be at most. */
type Line = {
  readonly name: string;
  readonly read: (measured: Measured) => number;
  readonly unit: "×" | "µs" | "/s";
  readonly atMost?: Readonly<Record<Runtime, number>>;
};

/** The section of docs/benchmarks.md. */
export async function report(measured: Partial<Record<Runtime, Measured>>, context: Context): Promise<string> {
  const versions = runtimeVersions();
  const names = { node: `Node ${versions.node}`, bun: `Bun ${versions.bun}` };
  const runtimes = (["node", "bun"] as const).filter((name) => measured[name] !== undefined);
  const table = (title: string, about: string, lines: readonly Line[]) =>
    toMarkdown({
      title,
      about,
      columns: ["", "target", ...runtimes.map((name) => names[name])],
      rows: lines.map((line) => ({
        name: line.name,
        cells: [targetOf(line), ...runtimes.map((runtime) => cellOf(line, runtime, measured[runtime]))],
      })),
    });
  const [first] = runtimes.flatMap((name) => measured[name] ?? []);
  const ways = [...(first?.ways.keys() ?? [])];
  return [
    head(context, first?.nginx ?? null),
    table(
      "Targets",
      "Of the medians of the rounds; what a proxy adds is its time less that of the service alone.",
      targets,
    ),
    table(
      "CPU for one request",
      aboutCpu,
      ways.map((name) => lineOf(name, "cpu", "µs")),
    ),
    table(
      "Requests a second",
      aboutRate,
      ways.map((name) => lineOf(name, "perSecond", "/s")),
    ),
    table(
      "Time of one request: median",
      aboutTime,
      ways.map((name) => lineOf(name, "median", "µs")),
    ),
    table(
      "Time of one request: 99th percentile",
      aboutTime,
      ways.map((name) => lineOf(name, "p99", "µs")),
    ),
  ].join("\n");
}

function head({ plan, loads }: Context, nginx: string | null): string {
  const peers = `nginx ${nginx ?? "(not there: measured without it)"}, ${packageVersions(["http-proxy", "hono"])}`;
  return `# Gateway

Written by \`npm run bench -- gateway\` on ${new Date().toISOString().slice(0, 10)}; do not edit.

- Machine: ${describeMachine()}
- Load average before the run ${loads[0]?.toFixed(1)} (0 is a machine that does nothing else); after the run ${loads[1]?.toFixed(1)}
- ${peers}

The same small GET, with an access token, through each proxy to the same backend, a bare server on Node, over kept-alive
connections on both sides. The gateway has every check on: the token is verified and held against the revocations, the call is counted by address, and
the rest of what it does; the others pass bytes on. ${plan.rounds} rounds in turn, ${plan.requests} requests from eight connections and
${plan.single} one at a time in each, after a warm-up.
`;
}

const aboutCpu = `CPU time of the proxy's process, every thread, user and system; of the one worker of nginx. Of the service alone it is
the backend's own.`;
const aboutRate =
  "From eight connections by the clock, while load generator and backend share the machine's cores with the proxy.";
const aboutTime = `One connection, one request at a time. With so little to do, a good part is how long a process takes to wake up: where the
scheduler puts it moves these from one minute to the next, nginx's most. What nobody can go below on a runtime, the bare relay shows.`;

const targets: readonly Line[] = [
  {
    name: "median time that the gateway adds / that nginx adds",
    read: (measured) => adds(measured, "the gateway") / adds(measured, "nginx"),
    unit: "×",
    atMost: { node: 1.5, bun: 1.5 },
  },
  {
    name: "median time that a bare relay of sockets adds / that nginx adds",
    read: (measured) => adds(measured, "a bare relay of sockets") / adds(measured, "nginx"),
    unit: "×",
  },
  {
    name: "CPU of the gateway / of nginx",
    read: (measured) => read(measured, "the gateway", "cpu") / read(measured, "nginx", "cpu"),
    unit: "×",
    atMost: { node: 4, bun: 2.5 },
  },
  {
    name: "CPU of the gateway / of its transport alone, no check",
    read: (measured) => read(measured, "the gateway", "cpu") / read(measured, "its transport alone, no check", "cpu"),
    unit: "×",
  },
  {
    name: "CPU of the gateway / of http-proxy, which checks nothing",
    read: (measured) => read(measured, "the gateway", "cpu") / read(measured, "http-proxy", "cpu"),
    unit: "×",
  },
  {
    name: "CPU of the gateway / of hono/proxy, which checks nothing",
    read: (measured) => read(measured, "the gateway", "cpu") / read(measured, "hono/proxy", "cpu"),
    unit: "×",
  },
];

function read({ ways }: Measured, name: string, what: keyof Proxied): number {
  return median(ways.get(name)?.[what] ?? []);
}

function adds(measured: Measured, name: string): number {
  return read(measured, name, "median") - read(measured, "the service alone", "median");
}

function lineOf(name: string, what: keyof Proxied, unit: Line["unit"]): Line {
  return { name, unit, read: (measured) => read(measured, name, what) };
}

function targetOf({ atMost }: Line): string {
  if (atMost === undefined) return "";
  return atMost.node === atMost.bun ? `≤ ${atMost.node}` : `≤ ${atMost.node}, Bun ${atMost.bun}`;
}

function cellOf({ read: of, unit, atMost }: Line, runtime: Runtime, measured: Measured | undefined): string {
  const value = measured === undefined ? Number.NaN : of(measured);
  if (Number.isNaN(value)) return "not measured";
  const text = unit === "×" ? value.toFixed(2) : `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
  return value > (atMost?.[runtime] ?? Number.POSITIVE_INFINITY) ? `**${text}, missed**` : text;
}
