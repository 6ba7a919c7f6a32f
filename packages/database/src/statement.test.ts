import { describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { defineStatement } from "./statement.ts";

describeDatabases("a statement that is put together once", { migrations: [] }, (open) => {
  const value = sql.placeholder;
  const statement = defineStatement<"first" | "names" | "at">(sql`
    select ${value("first")}::text as one, ${value("names")}::text[] as names, ${value("first")}::text as again,
      ${value("at")}::float8 as at`);

  it("binds each value by its name, also where it stands twice", async () => {
    const rows = await statement(await open(), { first: "a", names: ["b", "c"], at: 1.5 });
    expect(rows).toEqual([{ one: "a", names: ["b", "c"], again: "a", at: 1.5 }]);
    expect(await statement(await open(), { first: null, names: [], at: null })).toEqual([
      { one: null, names: [], again: null, at: null },
    ]);
  });

  it("sends nothing when a value is missing", async () => {
    const database = await open();
    const sent: string[] = [];
    const query: typeof database.query = (text, params) => {
      sent.push(text);
      return database.query(text, params);
    };
    const values = { first: "a", names: [], at: undefined };
    await expect(statement({ query }, values)).rejects.toThrow("no value for at");
    expect(sent).toEqual([]);
  });

  it("has no values in its text", () => {
    expect(() => defineStatement(sql`select ${1}`)).toThrow(TypeError);
  });
});
