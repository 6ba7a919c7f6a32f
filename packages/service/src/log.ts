import type { Log } from "@countersign/context";
import { type DestinationStream, pino } from "pino";
import { scrubFields, scrubText } from "./scrub.ts";
import { ignoreClosedOutput } from "./standard-output.ts";

export type LogOptions = {
  readonly service: string;
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Takes each line; standard output unless told. */
  readonly destination?: DestinationStream;
};

/** A logger that writes one JSON object a line, with secrets taken out. */
export function createLog({ service, level, destination }: LogOptions): Log {
  const options = { level, base: { service }, formatters: { log: scrubFields }, serializers: { err: describeError } };
  return pino(options, destination ?? standardOutput());
}

/** On Bun pino writes to `process.stdout`, for which `outliveReaders` cares. */
function standardOutput(): DestinationStream {
  return "Bun" in globalThis ? process.stdout : pino.destination(1).on("error", ignoreClosedOutput);
}

type DescribedError = { type: string; message: string; code?: string; stack?: string; cause?: DescribedError };

/**
 * An error and its causes, for operators. The messages of a query builder hold the statement and its parameters, which
 * are users' data: of such an error only the name stays, and its cause says what the database answered.
 */
function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "Something was thrown that is no error." };
  const holdsQuery = "query" in error || "params" in error;
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: error.name,
    message: holdsQuery ? "A query failed." : scrubText(error.message),
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...(frames.length > 0 ? { stack: frames.join("\n") } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
