import { describe, expect, it } from "vitest";
import { readTarget } from "./target.ts";

describe("the target of a request", () => {
  it.each([
    ["/", "/", ""],
    ["/trpc/orders/list", "/trpc/orders/list", ""],
    ["/trpc/orders/list?", "/trpc/orders/list", ""],
    ["/trpc/orders/list?a?b", "/trpc/orders/list", "?a?b"],
    ['/trpc/orders/list?a"b<c>{d}', "/trpc/orders/list", '?a"b<c>{d}'],
    ["/trpc/orders/list?a=%7B%22%7D", "/trpc/orders/list", "?a=%7B%22%7D"],
    ["http://evil.example/trpc/orders/list?a=b", "/trpc/orders/list", "?a=b"],
    ["HTTPS://evil.example:8443/trpc", "/trpc", ""],
    ["http://[::1]:80/trpc", "/trpc", ""],
    ["http://evil.example", "/", ""],
    ["http://evil.example?a", "/", "?a"],
  ])("%s is a path and a query", (target, pathname, search) => {
    expect(readTarget(target)).toEqual({ pathname, search });
  });

  it.each([
    "/trpc\\orders\\list",
    "/trpc/orders/../auth/me",
    "/trpc/orders/%2e%2E/auth/me",
    "/trpc/./orders/list",
    "/trpc/orders/list#a",
    "//trpc//orders",
    "/trpc/orders;x=1",
    "/trpc/orders/l%69st",
    "http://evil.example/trpc/../a",
  ])("%s keeps its spelling, which a URL parser would change or let pass", (target) => {
    expect(target.endsWith(readTarget(target)?.pathname ?? "none")).toBe(true);
  });

  it.each([
    "*",
    "",
    "localhost:4000",
    "ftp://a.test/b",
    "javascript:alert(1)",
    "http://",
    "http:/a.test/b",
    "http:a.test/b",
    "http:\\\\a.test\\b",
    "http://a.test\\b",
    "http://user:password@a.test/b",
    "http://a.test:port/b",
    "http://a.test#b",
    "http://a%2etest/b",
    " /a",
    "/a b",
    "/a\tb",
    "/a\nb",
    "/a\0",
    "/a\x7f",
    "/ä",
    "/a?ä",
  ])("%j is none", (target) => {
    expect(readTarget(target)).toBeNull();
  });
});
