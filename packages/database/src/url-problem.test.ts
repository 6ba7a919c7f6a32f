import { expect, it } from "vitest";
import { openDatabase } from "./open.ts";
import { findPostgresUrlProblem } from "./url-problem.ts";

it.each([
  "postgres://root@127.0.0.1:5432/shop",
  "postgresql://app:p%23s%2Fs%3F@db.internal/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
  "postgres://app:p@ss@db/shop",
  "postgres://app@[::1]:5432/shop",
  "postgres:///shop?host=/var/run/postgresql",
  "postgres://app@db/shop?sslmode=require&channel_binding=require",
  "postgres://app@db/shop?sslmode=verify-full&sslrootcert=system",
])("takes %s", (url) => {
  expect(findPostgresUrlProblem(url)).toBeNull();
});

it.each([
  ["postgres://app:sec#ret@db/shop", "%23"],
  ["postgres://app:sec/ret@db/shop", "%2F"],
  ["postgres://app:sec?ret@db/shop", "%3F"],
  ["postgres://app:1234/secret@db:5432/shop", "%2F"],
  ["postgres://app:secret%@db/shop", "%25"],
  ["postgres://app:secret%zz@db/shop", "%25"],
  ["postgres://app:secret@db:port/shop", "host and port"],
  ["postgres://app:secret@db:99999/shop", "host and port"],
  ["postgres://app:secret@a,b/shop", "several servers"],
  ["postgres://app:secret@db/shop#fragment", "%23"],
  ["postgres://app:secret@db/shop?sslmode=prefer", "sslmode"],
  ["postgres://app:secret@db/shop?sslmode=verify_full", "sslmode"],
  ["postgres://app:secret@db/shop?sslmode=verify-ca", "sslrootcert"],
  ["mysql://app:secret@db/shop", "postgres://"],
])("refuses %s, and repeats none of it", async (url, words) => {
  const problem = findPostgresUrlProblem(url) ?? "";
  expect(problem).toContain(words);
  expect(problem).not.toMatch(/sec|ret|1234|db/);
  const error = await openDatabase(url).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).not.toMatch(/secret|sec#|ret@/);
});
