import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The numbers of one service. Each has a registry of its own, so that several can live in one process. */
export type Metrics = {
  /** The registry in Prometheus' text format, with its content type. */
  read(): Promise<{ readonly body: string; readonly contentType: string }>;
  /** One call of a procedure: its outcome is `ok` or the code of its error. */
  called(call: { readonly procedure: string; readonly outcome: string; readonly milliseconds: number }): void;
  /** One credential that was looked at: `ok`, or why it was refused. */
  verified(outcome: string): void;
  /** A number that only grows, told apart by these labels; what it gives adds one. */
  count<const Labels extends readonly string[]>(
    name: string,
    help: string,
    labels: Labels,
  ): (values: Readonly<Record<Labels[number], string>>) => void;
  /** Watches a number that is read when the metrics are. */
  watch(name: string, help: string, read: () => number): void;
  /** Watches a number for each value of one label. */
  watchEach(name: string, help: string, each: { readonly label: string; readonly read: ReadEach }): void;
};

type ReadEach = () => Readonly<Record<string, number>>;

/** The metrics of `service`, all of them labelled with its name. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const registers = [registry];
  const duration = new Histogram({
    name: "countersign_procedure_duration_seconds",
    help: "How long a procedure took, by path and outcome.",
    labelNames: ["procedure", "outcome"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const verifications = new Counter({
    name: "countersign_token_verifications_total",
    help: "Credentials looked at, by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    read: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
    called: ({ procedure, outcome, milliseconds }) => duration.observe({ procedure, outcome }, milliseconds / 1000),
    verified: (outcome) => verifications.inc({ outcome }),
    count(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames, registers });
      return (values) => counter.inc(values);
    },
    watch(name, help, read) {
      const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) });
      registry.registerMetric(gauge);
    },
    watchEach(name, help, { label, read }) {
      const collect = () => {
        for (const [value, number] of Object.entries(read())) gauge.set({ [label]: value }, number);
      };
      const gauge: Gauge = new Gauge({ name, help, labelNames: [label], registers: [], collect });
      registry.registerMetric(gauge);
    },
  };
}
