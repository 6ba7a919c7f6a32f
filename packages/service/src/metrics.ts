import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The numbers of one service. Each has a registry of its own, so that several can live in one process. */
export type Metrics = {
  /** The registry in Prometheus' text format, with its content type. */
  read(): Promise<{ readonly body: string; readonly contentType: string }>;
  /** One call of a procedure: its outcome is `ok` or the code of its error. */
  called(call: { readonly procedure: string; readonly outcome: string; readonly milliseconds: number }): void;
  /** One credential that was looked at: `ok`, or why it was refused. */
  verified(outcome: string): void;
  /** A number that only grows, told apart by these labels; what it gives adds one, or `by`: 0 lets a series begin. */
  count<const Labels extends readonly string[]>(
    name: string,
    help: string,
    labels: Labels,
  ): (values: Readonly<Record<Labels[number], string>>, by?: number) => void;
  /** How long something takes, told apart by these labels; what it gives adds one, in milliseconds. */
  time<const Labels extends readonly string[]>(
    name: string,
    help: string,
    labels: Labels,
  ): (values: Readonly<Record<Labels[number], string>>, milliseconds: number) => void;
  /** Watches a number that is read when the metrics are; one whose name ends in `_total` only grows. */
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
  let watchesProcess = false;

  function watchProcess(): void {
    if (watchesProcess) return;
    watchesProcess = true; // from the first reading on: watching the event loop costs a timer, and many tests read nothing
    collectDefaultMetrics({ register: registry });
  }

  function time<const Labels extends readonly string[]>(name: string, help: string, labelNames: Labels) {
    const histogram = new Histogram({ name, help, labelNames, buckets, registers });
    return (values: Readonly<Record<Labels[number], string>>, milliseconds: number) =>
      histogram.observe(values, milliseconds / 1000);
  }
  const sentence = "How long a procedure took, by path and outcome.";
  const duration = time("countersign_procedure_duration_seconds", sentence, ["procedure", "outcome"]);
  const verifications = new Counter({
    name: "countersign_token_verifications_total",
    help: "Credentials looked at, by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    async read() {
      watchProcess();
      return { body: await registry.metrics(), contentType: registry.contentType };
    },
    called: ({ procedure, outcome, milliseconds }) => duration({ procedure, outcome }, milliseconds),
    verified: (outcome) => verifications.inc({ outcome }),
    count(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames, registers });
      return (values, by) => counter.inc(values, by);
    },
    time,
    watch(name, help, read) {
      registry.registerMetric(name.endsWith("_total") ? counterOf(name, help, read) : gaugeOf(name, help, read));
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

/** From a millisecond to ten seconds, the longest that a caller waits. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function gaugeOf(name: string, help: string, read: () => number): Gauge {
  const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) });
  return gauge;
}

function counterOf(name: string, help: string, read: () => number): Counter {
  const collect = () => {
    counter.reset();
    counter.inc(read());
  };
  const counter: Counter = new Counter({ name, help, registers: [], collect });
  return counter;
}
