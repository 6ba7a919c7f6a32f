import { expect, it } from "vitest";
import { describeStatement } from "./describe-statement.ts";

it.each([
  ['select "id" from "orders"."orders" where "id" = $1', "SELECT", "orders.orders"],
  ['insert into "auth"."users" ("email") values ($1)', "INSERT", "auth.users"],
  ['update "inventory"."levels" set "stock" = $1', "UPDATE", "inventory.levels"],
  ["delete from auth.sessions where id = $1", "DELETE", "auth.sessions"],
  ['with "due" as (select 1 from "auth"."outbox") select * from "due"', "WITH", "auth.outbox"],
  ["\n  lock table auth.signing_keys in share mode", "LOCK", "auth.signing_keys"],
  ["begin isolation level repeatable read", "BEGIN", null],
  ["select pg_advisory_lock(hashtextextended($1, 0))", "SELECT", null],
  ["", "UNKNOWN", null],
])("of %j tells operation and table", (text, operation, table) => {
  expect(describeStatement(text)).toEqual({ operation, table });
});

it("tells nothing that stands in a literal or a comment's name", () => {
  const { operation, table } = describeStatement("select 'alice@example.com', 42 -- hunter2");
  expect([operation, table]).toEqual(["SELECT", null]);
});
