import type { ServiceName } from "@countersign/access";
import type { OpenDatabase } from "@countersign/database";
import { ConfigurationError } from "@countersign/service";
import { scramVerifier } from "./scram-verifier.ts";

/** A role by which a service is to reach the database, as its `DATABASE_URL` names it. */
export type ServiceRole = { readonly service: ServiceName; readonly name: string; readonly password: string };

/** Which schemas a role reaches: its service's, as it is called in this database, and that of the bus. */
type Reach = { readonly schemaOf: (service: ServiceName) => string };

/**
 * Reads the role from a service's `DATABASE_URL`.
 *
 * @throws ConfigurationError when the URL names no role, or no password that goes into every URL as it is.
 */
export function readRole(service: ServiceName, url: string): ServiceRole {
  const { username, password } = URL.parse(url) ?? { username: "", password: "" };
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(username))
    throw new ConfigurationError(`The URL for ${service} names no role of lower-case letters, digits and underscores.`);
  const decoded = decodeURIComponent(password);
  if (!/^[!-~]{16,}$/.test(decoded))
    throw new ConfigurationError(`The URL for ${service} has no password of 16 or more printable ASCII characters.`);
  return { service, name: username, password: decoded };
}

/**
 * Makes the role, or gives it this password, and lets it read and write the tables of its service and the log of the bus,
 * and reach nothing else of ours. To be called by the owner of the schemas after each migration: what was added is
 * granted as well.
 *
 * @throws ConfigurationError when the role is the owner's, or one that may do anything in the database
 */
export async function grantRole(database: OpenDatabase, role: ServiceRole, { schemaOf }: Reach): Promise<void> {
  const { service, name, password } = role;
  const [found] = await database.query(
    `select rolsuper or rolcreaterole or rolbypassrls or pg_has_role(rolname, current_user, 'member') as is_mighty
    from pg_roles where rolname = $1`,
    [name],
  );
  if (found?.["is_mighty"] === true)
    throw new ConfigurationError(`The role "${name}" may do more than ${service} should: name one of its own.`);
  const verb = found === undefined ? "create" : "alter";
  await database.query(`${verb} role ${name} login password '${scramVerifier(password)}'`);
  const [row] = await database.query("select quote_ident(current_database()) as name");
  await database.query(`grant connect on database ${String(row?.["name"])} to ${name}`);
  for (const schema of [schemaOf(service), "events"]) await grantSchema(database, schema, name);
}

async function grantSchema(database: OpenDatabase, schema: string, role: string): Promise<void> {
  await database.query(`grant usage on schema ${schema} to ${role}`);
  await database.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`);
  await database.query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
  await database.query(`grant execute on all functions in schema ${schema} to ${role}`);
  const journal = `${schema}.__drizzle_migrations`;
  const [found] = await database.query("select to_regclass($1) is not null as exists", [journal]);
  if (found?.["exists"] !== true) return;
  await database.query(`revoke insert, update, delete on ${journal} from ${role}`);
  await database.query(`grant update (hash) on ${journal} to ${role}`); // readiness writes what is there already
}
