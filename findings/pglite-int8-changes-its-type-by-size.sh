#!/usr/bin/env bash
# @electric-sql/pglite 0.5.16: a bigint column comes as a number or as a BigInt, row by row, by the size of the value.
# Guess: one type for a column, as pg has it (a string), or a BigInt throughout. Seen: 1 is a number, 2^53 + 1 a BigInt, so that
# `a.id === b.id`, `id + 1` and JSON.stringify work in tests with small ids and fail on large ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @electric-sql/pglite@0.5.16
cat >run.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";

const database = await PGlite.create();
await database.query("create table things (id bigint)");
await database.query("insert into things values (1), (9007199254740991), (9007199254740993)");
const { rows } = await database.query("select id from things order by id");
const seen = rows.map(({ id }) => `${id} ${typeof id}`);
const asJson = (() => {
  try {
    return JSON.stringify(rows[2]);
  } catch (error) {
    return error.constructor.name;
  }
})();
await database.close();
console.log("@electric-sql/pglite 0.5.16:", seen.join(", "), "| JSON of the last row:", asJson);
const expected = ["1 number", "9007199254740991 number", "9007199254740993 bigint"];
process.exit(seen.join() === expected.join() && asJson === "TypeError" ? 0 : 1);
JS
node run.mjs
