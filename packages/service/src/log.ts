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
  return pino({ level, base: { service }, redact: { paths, censor: "[taken out]" } });
}
