import { registerHooks } from "node:module";

/** Prints every package that this package loads, also when traces go to the collector that is named. Run by a test. */
const packages = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const [, name] = /^((?:@[\w.-]+\/)?[\w.-]+)/.exec(specifier) ?? [];
    if (name !== undefined) packages.add(name);
    return next(specifier, context);
  },
});
const { openTracing, createLog } = await import("../src/index.ts");
const [endpoint] = process.argv.slice(2);
const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: 1 };
const tracing = await openTracing(settings, createLog({ service: "test", level: "silent" }));
await tracing?.close();
process.stdout.write([...packages].join("\n"));
