#!/usr/bin/env bash
# drizzle-orm 0.45.4: its migrator compares each migration with the youngest one applied, and with nothing else.
# Guess: every migration in the journal that the database has not applied is applied, or refused. Seen: one whose timestamp
# is older than the youngest applied, as after merging a branch that was begun earlier, is left out without an error; and a
# file that was edited after it had been applied is not noticed, though its hash is stored.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact drizzle-orm@0.45.4 @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { mkdirSync, writeFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";

const journal = (entries) => {
  mkdirSync("drizzle/meta", { recursive: true });
  for (const { tag, sql } of entries) writeFileSync(`drizzle/${tag}.sql`, sql);
  const listed = entries.map(({ tag, when }, idx) => ({ idx, version: "7", when, tag, breakpoints: true }));
  writeFileSync("drizzle/meta/_journal.json", JSON.stringify({ version: "7", dialect: "postgresql", entries: listed }));
};
const client = new PGlite();
const db = drizzle(client);
const first = { tag: "0000_first", when: 1000, sql: "create table first (id int);" };
const mine = { tag: "0001_mine", when: 3000, sql: "create table mine (id int);" };
const theirs = { tag: "0001_theirs", when: 2000, sql: "create table theirs (id int);" };
journal([first, mine]);
await migrate(db, { migrationsFolder: "drizzle" });
journal([first, theirs, { ...mine, sql: "create table mine (id int, name text);" }]);
await migrate(db, { migrationsFolder: "drizzle" });
const { rows } = await client.query(
  "select table_name, count(*)::int as columns from information_schema.columns where table_schema = 'public' group by 1 order by 1",
);
await client.close();
const seen = rows.map(({ table_name, columns }) => `${table_name}: ${columns}`).join(", ");
console.log("drizzle-orm 0.45.4, tables and their columns after the second run:", seen);
process.exit(seen === "first: 1, mine: 1" ? 0 : 1);
JS
node run.mjs
