import { randomBytes } from "node:crypto";
import { describePostgres } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeMigrations } from "../test/migrations.ts";
import { openDatabase } from "./open.ts";

const role = `countersign_role_${randomBytes(4).toString("hex")}`;

describePostgres("migrations by a role that may make nothing", { migrations: [] }, (open, url) => {
  let folder = "";
  const as = async (migrations: string) => {
    const address = new URL(url());
    address.username = role;
    const database = await openDatabase(address.href, { poolSize: 1 });
    try {
      await database.migrate("own", migrations);
      await database.checkWritable("own");
    } finally {
      await database.close();
    }
  };

  beforeAll(async () => {
    const first = 'CREATE SCHEMA IF NOT EXISTS "own";--> statement-breakpoint\nCREATE TABLE "own"."things" (id int);';
    folder = await writeMigrations([{ tag: "0000_first", when: 1, sql: first }]);
    await (await open()).query(`create role ${role} login`);
  });
  afterAll(async () => {
    const database = await open();
    await database.query(`drop owned by ${role} cascade`);
    await database.query(`drop role ${role}`);
  });

  it("say by which command they are made", async () => {
    await expect(as(folder)).rejects.toMatchObject({
      code: "not_allowed",
      message: /schema "own" is missing.*npm run migrate/,
    });
  });

  it("refuse a schema that is somebody else's", async () => {
    const database = await open();
    await database.query("create schema own");
    await expect(as(folder)).rejects.toMatchObject({ code: "schema_taken", message: /"own".*somebody else's/ });
    await database.query("create table own.users (id int)");
    await expect(database.migrate("own", folder)).rejects.toMatchObject({ code: "schema_taken" });
    await database.query("drop schema own cascade");
  });

  it("are found done, and the role proves that it can write, once the owner has applied them", async () => {
    const database = await open();
    await database.migrate("own", folder);
    await database.query(`grant usage on schema own to ${role}`);
    await database.query(`grant select, insert, update, delete on all tables in schema own to ${role}`);
    await expect(as(folder)).resolves.toBeUndefined();
  });

  it("make what is missing in a schema that is there, without the right to make schemas", async () => {
    const database = await open();
    await database.query("drop schema own cascade");
    await database.query(`create schema own authorization ${role}`);
    await as(folder);
    expect(await database.query("select to_regclass('own.things') is not null as made")).toEqual([{ made: true }]);
  });
});
