import type { Log } from "@countersign/context";
import { pino } from "pino";

/** Fields that are never written, wherever a log line carries them. */
const secret = [
  "authorization",
  "cookie",
  "set-cookie",
  "password",
  "token",
  "accessToken",
  "refreshToken",
  "assertion",
];

export type LogOptions = {
  readonly service: string;
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
};

/** A logger that writes one JSON object a line to standard output, with secrets taken out. */
export function createLog({ service, level }: LogOptions): Log {
  const paths = secret.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  return pino({
    level,
    base: { service },
    redact: { paths, censor: "[taken out]" },
    serializers: { err: describeError },
  });
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
    message: holdsQuery ? "A query failed." : error.message,
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...(frames.length > 0 ? { stack: frames.join("\n") } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
