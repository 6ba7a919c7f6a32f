import { findPostgresUrlProblem } from "@countersign/database";
import { findNatsUrlProblem } from "@countersign/events";
import { z } from "zod";
import { StartError } from "./start-error.ts";
import { urlsFromFiles } from "./urls-from-files.ts";

/** A service was started with settings it cannot run with. The message names each variable and what is wrong with it. */
export class ConfigurationError extends StartError {
  override readonly name = "ConfigurationError";
}

/**
 * Reads settings from environment variables by a schema. An empty variable counts as unset, as compose files write it.
 * A URL that may hold a password may come from a file: `DATABASE_URL_FILE` for `DATABASE_URL`.
 *
 * @throws ConfigurationError naming every variable that is missing or wrong, never its value: it may be a secret.
 */
export function readEnv<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const files = urlsFromFiles(env);
  const given = Object.fromEntries(
    Object.entries(files.env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success && files.problems.length === 0) return parsed.data;
  const issues = parsed.error?.issues ?? [];
  const found = [...files.problems, ...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)];
  const problems = found.map((problem) => `  ${problem}`);
  throw new ConfigurationError(`The environment is not one to start with:\n${problems.join("\n")}`);
}

function toOrigin(value: string, issues: z.RefinementCtx): string {
  const url = URL.parse(value);
  const problem = findOriginProblem(url);
  if (problem === null && url !== null) return url.origin;
  issues.addIssue({ code: "custom", message: problem ?? anOrigin });
  return z.NEVER;
}

const anOrigin = "is an origin such as https://shop.example.com, without a path";

/** What would be dropped from the URL, or would never match, is refused instead. */
function findOriginProblem(url: URL | null): string | null {
  if (url === null || !/^https?:$/.test(url.protocol)) return anOrigin;
  if (url.hostname.includes("*")) return 'names every origin by itself: a "*" stands for none';
  if (url.username !== "" || url.password !== "") return "is an origin without user and password: none would be sent";
  const isPlain = url.pathname === "/" && url.search === "" && url.hash === "";
  return isPlain && /^([\w.-]+|\[[\da-f:.]+\])$/.test(url.hostname) ? null : anOrigin;
}

function checkPostgresUrl(url: string, issues: z.RefinementCtx): void {
  const problem = findPostgresUrlProblem(url);
  if (problem !== null) issues.addIssue({ code: "custom", message: problem });
}

function checkNatsUrl(url: string, issues: z.RefinementCtx): void {
  const problem = findNatsUrlProblem(url);
  if (problem !== null) issues.addIssue({ code: "custom", message: problem });
}

function portNumber() {
  return z.coerce.number("is a port number").int("is a port number").min(0).max(65_535);
}

function algorithm() {
  return z.enum(["RS256", "ES256", "EdDSA"], "is RS256, ES256 or EdDSA");
}

/** The settings that more than one service has, each with the sentence that is shown when it is wrong. */
export const setting = {
  port: (standard: number) => portNumber().default(standard),
  portOrUnset: () => portNumber().optional(),
  origin: (standard: string) => z.string().default(standard).transform(toOrigin),
  originOrUnset: () => z.string().transform(toOrigin).optional(),
  databaseUrl: () =>
    z
      .string('is missing; it is "postgres://user@host/database" or "file:<directory>"')
      .regex(/^(postgres(ql)?:\/\/|file:)/, 'is "postgres://…" or "file:<directory>"')
      .superRefine((url, issues) => (url.startsWith("file:") ? undefined : checkPostgresUrl(url, issues))),
  postgresUrl: () =>
    z.string("is missing; it is a URL such as postgres://user@host/database").superRefine(checkPostgresUrl),
  eventsUrl: () => z.string().superRefine(checkNatsUrl).optional(),
  eventsSource: () =>
    z
      .string()
      .superRefine((url, issues) => (url === "auth" ? undefined : checkNatsUrl(url, issues)))
      .optional(),
  logLevel: (standard: "info" | "warn") => z.enum(["debug", "info", "warn", "error", "silent"]).default(standard),
  algorithm: () => algorithm().default("RS256"),
  algorithmOrUnset: () => algorithm().optional(),
  networks: () =>
    z
      .string()
      .regex(/^[0-9a-f.:]+\/\d{1,3}(, ?[0-9a-f.:]+\/\d{1,3})*$/i, "is a list of networks such as 10.0.0.0/8,fd00::/8")
      .default("127.0.0.1/32,::1/128")
      .transform((list) => list.split(/, ?/)),
};
