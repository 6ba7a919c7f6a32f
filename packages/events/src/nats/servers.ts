import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "@nats-io/transport-node";
import { createIdentityCheck } from "./identity-check.ts";
import { findNatsUrlProblem } from "./url-problem.ts";

/** Where and as whom to connect. */
export type NatsServers = {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly inboxPrefix?: string;
  readonly tls?: Record<string, never>;
};

/** Files beside the URL: they are read anew at each connection, so a renewed one needs no restart. */
export type NatsFiles = {
  /** Of a user's JWT and seed, as `nsc generate creds` writes it. */
  readonly credentials?: string | undefined;
  /** Of certificates (PEM) that the server's is checked by, instead of those that the runtime trusts. */
  readonly ca?: string | undefined;
};

/**
 * Reads `nats://user:password@host:port`, several with commas between, or `tls://…`. A user without a password is a
 * token. A user's answers arrive below `_INBOX.<user>`, so that the broker can keep them from other users. Throws a
 * TypeError, which does not repeat the URL.
 */
export function readServers(url: string): NatsServers {
  const urls = url.split(",").map((part) => URL.parse(part.trim()));
  const [first] = urls;
  const problem = findNatsUrlProblem(url);
  if (problem !== null || first === undefined || first === null) {
    throw new TypeError(`The URL of a NATS server ${problem ?? "is missing"}.`);
  }
  const [name, password] = [decodeURIComponent(first.username), decodeURIComponent(first.password)];
  return {
    servers: urls.flatMap((one) => one?.host ?? []),
    ...(password === "" ? {} : { user: name, pass: password }),
    ...(password !== "" && /^[A-Za-z0-9_-]+$/.test(name) ? { inboxPrefix: `_INBOX.${name}` } : {}),
    ...(name !== "" && password === "" ? { token: name } : {}),
    ...(first.protocol === "tls:" ? { tls: {} } : {}),
  };
}

/**
 * The options of a connection to these servers by these files.
 *
 * @throws Error naming the file when it cannot be read or holds no credentials
 */
export async function connectionOptions(servers: NatsServers, files: NatsFiles): Promise<ConnectionOptions> {
  const { credsAuthenticator } = await import("@nats-io/transport-node");
  const credentials = files.credentials === undefined ? null : await read(files.credentials);
  const ca = files.ca === undefined ? null : await read(files.ca);
  return {
    ...servers,
    ...(credentials === null ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(servers.tls === undefined && ca === null ? {} : { tls: tlsOptions(servers, ca) }),
  };
}

function tlsOptions({ servers }: NatsServers, ca: string | null) {
  return { ...(ca === null ? {} : { ca }), checkServerIdentity: createIdentityCheck(servers) };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Error(`${file} cannot be read.`, { cause });
  }
}
