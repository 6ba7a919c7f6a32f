/**
 * Says what is wrong with the URL of a Redis server, without repeating any of it, for it may hold a password; null for one
 * that can be used: `redis://user:password@host:port/database`, or `rediss://…` for TLS, of one server.
 */
export function findRedisUrlProblem(text: string): string | null {
  const [, userInfo = "", host = "", path = "", query = ""] =
    /^rediss?:\/\/(?:([^/?#]*)@)?([^@/?#]*)(\/[^@?#]*)?(\?[^@#]*)?$/.exec(text) ?? [];
  if (!/^rediss?:\/\//.test(text)) return shape;
  if (host.includes(",") || /,\s*rediss?:/.test(text)) return "names several servers; one is spoken to";
  if (host === "") return 'cannot be read; in a password, "#", "/", "?" and "@" are written %23, %2F, %3F and %40';
  if (!hostAndPort.test(host) || !URL.canParse(text)) return shape;
  if (!isDecodable(userInfo)) return 'has a "%" that encodes nothing; in a password it is written %25';
  if (!/^(\/\d{0,4})?$/.test(path)) return "has a path that is not the number of a database";
  if (query !== "") return "takes no parameters";
  return null;
}

const shape = 'is "redis://host:6379" or "rediss://…", or unset';
const hostAndPort = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:\d{1,5})?$/i;

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // what is wrong is said by the caller: the error holds nothing more
  }
}
