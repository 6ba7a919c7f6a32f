import { isIP } from "node:net";

/** Where cookies of this name are to go, and what is known of the request that brought them. */
export type ExpiredCookie = {
  readonly name: string;
  /** The path with which the platform itself sets the cookie, for this host alone. */
  readonly path: string;
  /** The path of the request: a browser sent it what lies on the way there. */
  readonly requestPath: string;
  /** What browsers see, such as `https://shop.example.com`. */
  readonly publicOrigin: string;
};

/** The Set-Cookie value that removes the cookie that the platform itself sets. */
export function expireCookie({ name, path, publicOrigin }: ExpiredCookie): string {
  return expiry(name, { path, publicOrigin });
}

/**
 * The Set-Cookie values that remove what others set under the same name: other paths, and the domains above this host (RFC
 * 6265 §5.3: name, path and domain tell cookies apart). Another application on the host can set the former, a sibling
 * subdomain the latter, whatever `__Secure-` says. With `__Host-` there is neither.
 */
export function expireNamesakes({ name, path, requestPath, publicOrigin }: ExpiredCookie): readonly string[] {
  if (name.startsWith("__Host-")) return [];
  const paths = pathsTo(requestPath);
  const elsewhere = paths.filter((other) => other !== path).map((other) => expiry(name, { path: other, publicOrigin }));
  const above = domainsOf(publicOrigin).flatMap((domain) =>
    paths.map((other) => expiry(name, { path: other, publicOrigin, domain })),
  );
  return [...elsewhere, ...above];
}

type Place = { readonly path: string; readonly publicOrigin: string; readonly domain?: string };

/** Over https Secure, without which a browser ignores a name with a prefix (RFC 6265bis §5.6). */
function expiry(name: string, { path, publicOrigin, domain }: Place): string {
  const secure = publicOrigin.startsWith("https:") ? "; Secure" : "";
  return `${name}=; Max-Age=0${domain === undefined ? "" : `; Domain=${domain}`}; Path=${path}; HttpOnly${secure}; SameSite=Lax`;
}

/** The paths that match this one (RFC 6265 §5.1.4), with and without a slash at the end; of the deepest ones not all. */
function pathsTo(requestPath: string): readonly string[] {
  const paths = new Set(["/"]);
  const [, ...segments] = requestPath.split("/");
  let path = "";
  for (const [index, segment] of segments.slice(0, deepest).entries()) {
    if (!/^[\x21-\x3a\x3c-\x7e]+$/.test(segment)) break; // it could not stand in a Set-Cookie
    path += `/${segment}`;
    paths.add(path);
    if (index < segments.length - 1) paths.add(`${path}/`);
  }
  return [...paths];
}

const deepest = 4;

/** The host and its parents. A browser reads the last label alone, and an address, as the host itself. */
function domainsOf(publicOrigin: string): readonly string[] {
  const { hostname } = new URL(publicOrigin);
  if (hostname.startsWith("[") || isIP(hostname) !== 0) return [];
  const labels = hostname.split(".").filter((label) => label !== "");
  return labels.slice(0, -1).map((_label, index) => labels.slice(index).join("."));
}
