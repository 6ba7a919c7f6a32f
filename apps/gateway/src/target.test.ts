import { describe, expect, it } from "vitest";
import { readTarget } from "./target.ts";

/** What a URL parser makes of a path: what is taken unparsed must be the same to it. */
function parsed(target: string) {
  const { pathname, search } = new URL(target.startsWith("/") ? `http://a.test${target}` : target);
  return { pathname, search };
}

describe("the target of a request", () => {
  it.each([
    "/",
    "/trpc/orders/list",
    "/trpc/orders/list,get?batch=1&input=%7B%220%22%3A%7B%7D%7D",
    "/trpc/orders/list?",
    "/trpc/orders/list?a?b",
    "/trpc/orders/list?a'b",
    '/trpc/orders/list?a"b<c>d',
    "/trpc/orders/list?a#b",
    "/trpc/orders/list#a",
    "/trpc/orders/../../metrics",
    "/trpc/orders/%2e%2e/%2e%2e/metrics",
    "/trpc/orders/.%2e/metrics",
    "/trpc/./orders",
    "/trpc/orders/..",
    "/trpc/orders/.",
    "/trpc/orders/...",
    "/a..b/c.",
    "//trpc//orders",
    "/trpc\\orders",
    "/trpc/orders;x=1",
    "/trpc/orders/l%69st",
    "/.well-known/jwks.json",
    "/a b",
    "/ä",
    "http://evil.example/trpc/orders/list?a=b",
    "https://evil.example:8443/trpc/../a",
  ])("%s is what a URL parser makes of it", (target) => {
    const read = readTarget(target);
    expect({ pathname: read?.pathname, search: read?.search }).toEqual(parsed(target));
  });

  it.each(["*", "", "localhost:4000", "ftp://a.test/b", "javascript:alert(1)", "http://"])("%j is none", (target) => {
    expect(readTarget(target)).toBeNull();
  });
});
