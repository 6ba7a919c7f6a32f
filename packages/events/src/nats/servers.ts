/** Where and as whom to connect. */
export type NatsServers = {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly tls?: Record<string, never>;
};

/**
 * Reads `nats://user:password@host:port`, several with commas between, or `tls://…`. A user without a password is a
 * token. Throws a TypeError, which does not repeat the URL.
 */
export function readServers(url: string): NatsServers {
  const parts = url.split(",").map((part) => part.trim());
  const urls = parts
    .filter((part) => /^(nats|tls):\/\/./.test(part) && URL.canParse(part))
    .map((part) => new URL(part));
  const [first] = urls;
  if (first === undefined || urls.length < parts.length) {
    throw new TypeError('The URL of a NATS server starts with "nats://" or "tls://".');
  }
  const [name, password] = [decodeURIComponent(first.username), decodeURIComponent(first.password)];
  return {
    servers: urls.map(({ host }) => host),
    ...(password === "" ? {} : { user: name, pass: password }),
    ...(name !== "" && password === "" ? { token: name } : {}),
    ...(first.protocol === "tls:" ? { tls: {} } : {}),
  };
}
