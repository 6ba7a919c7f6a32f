import { expect, it } from "vitest";
import { readConnectionConfig } from "./connection-config.ts";

it.each([
  "sslmode=verify-full&sslrootcert=system&uselibpqcompat=true",
  "uselibpqcompat=true&sslrootcert=system&sslmode=verify-full",
  "sslmode=verify-full",
])("checks certificates by the authorities of the runtime: %s", (query) => {
  const { host, database, ssl } = readConnectionConfig(`postgres://app:p%23w@db:5433/shop?${query}`);
  expect({ host, database, ssl: { ...Object(ssl) } }).toEqual({ host: "db", database: "shop", ssl: {} });
});

it("reads a URL without parameters, and one of a socket", () => {
  expect(readConnectionConfig("postgres://app@db/shop")).toMatchObject({ host: "db", user: "app", database: "shop" });
  expect(readConnectionConfig("postgres:///shop?host=/var/run/postgresql")).toMatchObject({
    host: "/var/run/postgresql",
  });
});
