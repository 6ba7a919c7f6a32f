import { openDatabase } from "../src/open.ts";

// A process that opens the database in its first argument and adds rows to it until it is killed, saying which.
const [url = ""] = process.argv.slice(2);
const database = await openDatabase(url);
for (let id = 1; ; id++) {
  await database.query("insert into public.rows values ($1)", [id]);
  process.stdout.write(`${id}\n`);
}
