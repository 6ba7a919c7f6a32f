import { loadavg } from "node:os";
import type { Runtime } from "../harness/child.ts";
import { describeMachine, runtimeVersions } from "../harness/machine.ts";
import { postgresVersion } from "../harness/scratch-database.ts";
import { median, quantile } from "../harness/statistics.ts";
import { type Row, toMarkdown } from "../harness/table.ts";
import { writeSection } from "../harness/write-section.ts";
import { crowds, type Found, type Measured, measureOnPglite, measureOnPostgres, type Plan } from "./measure.ts";

const full: Plan = { storms: 12, others: 400 };
const quick: Plan = { storms: 4, others: 200 };
const mostMs = 1_000;

type OnBoth = { readonly postgres: Measured; readonly pglite: Measured };

/**
 * `npm run bench -- sign-outs [--quick] [--node | --bun]`: how long the sign-out of one user takes while another one ends
 * thousands of sessions at once. A quick run, or one of a single runtime, is printed only.
 */
export async function run(options: readonly string[]): Promise<void> {
  const plan = options.includes("--quick") ? quick : full;
  const chosen = (["node", "bun"] as const).filter((name) => options.includes(`--${name}`));
  const runtimes: readonly Runtime[] = chosen.length === 0 ? ["node", "bun"] : chosen;
  const [before = 0] = loadavg();
  const found: [Runtime, OnBoth][] = [];
  for (const runtime of runtimes) {
    console.error(`sign-outs on ${runtime}`);
    const postgres = await measureOnPostgres(runtime, plan);
    found.push([runtime, { postgres, pglite: await measureOnPglite(runtime, plan) }]);
  }
  const text = await report(found, { plan, before });
  console.log(text);
  if (plan === full && runtimes.length === 2) await writeSection("sign-outs", text);
}

async function report(
  found: readonly [Runtime, OnBoth][],
  { plan, before }: { readonly plan: Plan; readonly before: number },
): Promise<string> {
  const versions = runtimeVersions();
  const names = { node: `Node ${versions.node}`, bun: `Bun ${versions.bun}` };
  const table = (title: string, about: string, database: keyof OnBoth) =>
    toMarkdown({
      title,
      about,
      columns: ["", "target", ...found.map(([runtime]) => names[runtime])],
      rows: lines.map(({ name, atMost, read }): Row => {
        const cells = found.map(([, both]) => cellOf(read(both[database]), atMost));
        return { name, cells: [atMost === undefined ? "" : `< ${atMost} ms`, ...cells.map(String)] };
      }),
    });
  return [
    `# Sign-outs

Written by \`npm run bench -- sign-outs\` on ${new Date().toISOString().slice(0, 10)}; do not edit. It needs a PostgreSQL on
127.0.0.1:5432 or at \`BENCH_DATABASE_URL\`, and makes and drops databases of its own there.

- Machine: ${describeMachine()}
- Load average before the run ${before.toFixed(1)} (0 is a machine that does nothing else)
- PostgreSQL ${await postgresVersion()} on the same machine, as it comes

Users sign out on two connections, one after another, while ${plan.storms} others, one after another, end all their sessions at once: in turns by a
sign-out everywhere and by a change of the password. The time of a sign-out is from when it is sent until every service
has refused the token. The sessions are put into the database: auth itself lets one user have 100.
`,
    table("On PostgreSQL", "Auth and two services, each a process of its own.", "postgres"),
    table("On PGlite", "Auth and a service in one process, on the one connection of an embedded database.", "pglite"),
  ].join("\n");
}

type Line = { readonly name: string; readonly atMost?: number; readonly read: (measured: Measured) => Figure };
type Figure = { readonly value: number; readonly unit: "ms" | "×" };

const ms = (value: number): Figure => ({ value, unit: "ms" });
const of = (measured: Measured, sessions: (typeof crowds)[number]): Found =>
  measured.get(sessions) ?? { others: [], storms: [] };
const during = (sessions: number) =>
  sessions === 0 ? "alone" : `while ${sessions.toLocaleString("en")} sessions of one user end`;

const lines: readonly Line[] = [
  ...crowds.flatMap((sessions): Line[] => [
    { name: `a sign-out ${during(sessions)}: p50`, read: (one) => ms(median(of(one, sessions).others)) },
    {
      name: `a sign-out ${during(sessions)}: p99`,
      atMost: mostMs,
      read: (one) => ms(quantile(of(one, sessions).others, 0.99)),
    },
  ]),
  ...crowds
    .filter((sessions) => sessions > 0)
    .flatMap((sessions): Line[] => [
      {
        name: `p99 ${during(sessions)} / p99 alone`,
        read: (one) => ({
          value: quantile(of(one, sessions).others, 0.99) / quantile(of(one, 0).others, 0.99),
          unit: "×",
        }),
      },
      {
        name: `to end ${sessions.toLocaleString("en")} sessions of one user: median`,
        read: (one) => ms(median(of(one, sessions).storms)),
      },
    ]),
];

function cellOf({ value, unit }: Figure, atMost = Number.POSITIVE_INFINITY): string {
  const text = unit === "ms" ? `${value.toFixed(1)} ms` : value.toFixed(2);
  return value < atMost ? text : `**${text}, missed**`;
}
