import { serviceNames } from "@countersign/access";
import { findPostgresUrlProblem } from "@countersign/database";
import { findNatsUrlProblem } from "@countersign/events";
import { z } from "zod";
import type { LimitSize } from "../limits/limiter.ts";
import { parseSizes, sizesHint } from "../limits/parse-sizes.ts";
import { findRedisUrlProblem } from "../limits/redis-url.ts";
import { parseSecrets } from "../parse-secrets.ts";
import { isHost, isNetwork } from "./addresses.ts";
import { findFileProblem } from "./find-file-problem.ts";
import { findRedirectProblem } from "./redirects.ts";
import { type MailSender, readMailSender, readSmtpUrl, type SmtpServer } from "./smtp-url.ts";

/** How the kinds of settings are read: each gives a value, or a sentence that follows the name of the variable. */

export const text = () => z.string();
export const word = () => z.string().regex(/^[\x21-\x7e]+$/, "is one word, without spaces");
export const oneOf = <const Word extends string>(...words: readonly Word[]) =>
  z.enum(words, `is one of ${words.join(", ")}`);

export const port = () => wholeNumber("a port number", 0, 65_535);

/** A whole number from `least` to `most`, in whose place the message says `what`. */
export function wholeNumber(
  what: string,
  least: number,
  most?: { readonly at: number; readonly why: string } | number,
) {
  const range = typeof most === "number" ? { at: most, why: "" } : most;
  const number = z.coerce.number(`is ${what}`).int(`is ${what}`).min(least, `is ${what}, ${least} or more`);
  return range === undefined ? number : number.max(range.at, `is ${what}, ${range.at} or less${range.why}`);
}

/** An address or a name of this machine, to listen on. */
export const host = () => z.string().refine(isHost, "is an address or a name of this machine, such as 127.0.0.1 or ::");

export function databaseUrl() {
  return z
    .string('is missing; it is "postgres://user@host/database" or "file:<directory>"')
    .regex(/^(postgres(ql)?:\/\/|file:)/, 'is "postgres://…" or "file:<directory>"')
    .superRefine(problemOf((url) => (url.startsWith("file:") ? null : findPostgresUrlProblem(url))));
}

export function postgresUrl() {
  return z
    .string("is missing; it is a URL such as postgres://user@host/database")
    .superRefine(problemOf(findPostgresUrlProblem));
}

/** A name that PostgreSQL takes without quotes. */
export const schemaName = () =>
  z.string().regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/, "is a name of lower-case letters, digits and underscores");

export const natsUrl = () => z.string().superRefine(problemOf(findNatsUrlProblem));
export const natsUrlOrAuth = () =>
  z.string().superRefine(problemOf((url) => (url === "auth" ? null : findNatsUrlProblem(url))));
export const redisUrl = () => z.string().superRefine(problemOf(findRedisUrlProblem));

/** The URL of a mail server. */
export function smtpServer() {
  return z.string().transform((given, issues): SmtpServer => {
    const server = readSmtpUrl(given);
    if (typeof server !== "string") return server;
    issues.addIssue({ code: "custom", message: server });
    return z.NEVER;
  });
}

/** Whom mails come from: an address, with or without a name before it. */
export function mailSender() {
  return z.string().transform((given, issues): MailSender => {
    const sender = readMailSender(given);
    if (sender !== null) return sender;
    issues.addIssue({
      code: "custom",
      message: 'is an address such as "no-reply@shop.example.com" or "Shop <no-reply@…>"',
    });
    return z.NEVER;
  });
}

/** The path of a file that can be read; with `mark`, of one that has this in it, which is `what`. */
export function file(mark = "", what = "") {
  return z.string().superRefine(problemOf((path) => findFileProblem(path, mark, what)));
}

/** Of http or https, without a path, a user or a password. */
export const origin = () => z.string().transform(toOrigin);

/** Separated by commas; also of several instances of one service, where bars do as well. */
export const origins = (separator = /,/) => list(separator).pipe(z.array(origin()).min(1));

/** `name=origin|origin,…`: the name is the one below `/api/`. */
export function upstreams() {
  const entry = z
    .string()
    .regex(/^[a-z][a-z0-9-]*=./, "is a list such as reports=http://127.0.0.1:5000,search=http://…");
  const parts = entry.transform((given): [string, string] => {
    const at = given.indexOf("=");
    return [given.slice(0, at), given.slice(at + 1)];
  });
  return list(/,/)
    .pipe(z.array(parts.pipe(z.tuple([z.string(), origins(/[,|]/)]))))
    .refine((given) => new Set(given.map(([name]) => name)).size === given.length, "has a name twice")
    .transform((given) => Object.fromEntries(given));
}

/** Services of ours that a gateway may vouch to: auth knows its users itself. */
export const serviceList = () =>
  list(/,/).pipe(z.array(z.enum(domainNames, `is a list of services such as ${domainNames.join(",")}`)));

const domainNames = serviceNames.filter((name) => name !== "auth");

/** Networks in CIDR form. */
export function networks() {
  const network = z.string().refine(isNetwork, "is a list of networks such as 10.0.0.0/8,fd00::/8");
  return list(/,/).pipe(z.array(network));
}

/** Addresses of clients, to which a browser may be sent with a code. */
export const redirects = () => list(/,/).pipe(z.array(z.string().superRefine(problemOf(findRedirectProblem))).min(1));

export function limitSizes() {
  return z.string().transform((given, issues): ReadonlyMap<string, LimitSize> => {
    const sizes = parseSizes(given);
    if (sizes !== null) return sizes;
    issues.addIssue({ code: "custom", message: sizesHint });
    return z.NEVER;
  });
}

/** Base64 of 32 bytes or more each, separated by commas, the current one first. */
export function secrets() {
  return z
    .string("is missing; make one with: openssl rand -base64 32")
    .transform((given, issues): readonly Uint8Array[] => {
      try {
        return parseSecrets(given);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        issues.addIssue({ code: "custom", message: error.message });
        return z.NEVER;
      }
    });
}

export const httpUrl = () =>
  z.string().refine((given) => /^https?:$/.test(URL.parse(given)?.protocol ?? ""), "is a URL of http or https");

export const collectorUrl = () =>
  z.string().regex(/^https?:\/\/[^\s?#]+$/, 'is a URL such as "http://localhost:4318", without /v1/traces');

/** A number of seconds from 0 to `most`, which need not be whole. */
export function seconds(most: number) {
  const hint = `is a number of seconds from 0 to ${most}`;
  return z.coerce.number(hint).min(0, hint).max(most, hint);
}

export const ratio = () =>
  z.coerce.number("is a number from 0 to 1").min(0, "is a number from 0 to 1").max(1, "is a number from 0 to 1");

function problemOf(find: (given: string) => string | null) {
  return (given: string, issues: z.RefinementCtx): void => {
    const problem = find(given);
    if (problem !== null) issues.addIssue({ code: "custom", message: problem });
  };
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

function list(separator: RegExp) {
  return z.string().transform((given): (string | undefined)[] => given.split(separator).map((entry) => entry.trim()));
}
