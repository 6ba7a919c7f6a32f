import { homedir, userInfo } from "node:os";
import path from "node:path";
import { openDatabase } from "@countersign/database";

/**
 * The PostgreSQL server to test on, as the URL of a database in it from which others may be created, or null.
 *
 * `TEST_DATABASE_URL` decides when it is set: a URL, which must work, or `off`. Otherwise a server on 127.0.0.1:5432 is
 * taken if it lets in the user of this process or `postgres` without a password, with the right to create databases.
 */
export async function findPostgres(env: { readonly TEST_DATABASE_URL?: string | undefined }): Promise<string | null> {
  const told = env.TEST_DATABASE_URL ?? "";
  if (told === "off") return null;
  if (told !== "") {
    const problem = await whyNot(told);
    if (problem === null) return told;
    throw new Error("TEST_DATABASE_URL is set, but tests cannot run there.", { cause: problem });
  }
  // Bun reads the user's name from the environment, which need not have it.
  const self = [userInfo().username, path.basename(homedir())].filter((name) => name !== "" && name !== "unknown");
  for (const user of new Set([...self, "postgres"])) {
    const url = `postgres://${encodeURIComponent(user)}@127.0.0.1:5432/postgres`;
    if ((await whyNot(url)) === null) return url;
  }
  return null;
}

/** Null when databases can be created there. */
async function whyNot(url: string): Promise<unknown> {
  const database = await openDatabase(url, { poolSize: 1 });
  try {
    const [role] = await database.query(
      "select rolsuper or rolcreatedb as allowed from pg_roles where rolname = current_user",
    );
    return role?.["allowed"] === true ? null : new Error("The user may not create databases.");
  } catch (error) {
    return error;
  } finally {
    await database.close();
  }
}
