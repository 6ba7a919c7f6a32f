/** The host of a request that names none: this listener. */
export const ownHost = "localhost";

/**
 * Whether a request may come without a Host header, as HTTP/1.0 allows: HAProxy's `option httpchk` sends such probes. Nothing
 * else may: where servers choose by host, a request without one is a way past the first of them.
 *
 * @param path the path as it was sent, without the query
 */
export function mayLackHost(method: string, path: string): boolean {
  return (method === "GET" || method === "HEAD" || method === "OPTIONS") && /^\/health(\/(live|ready))?$/.test(path);
}
