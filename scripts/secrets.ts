import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { serviceNames } from "../packages/access/src/index.ts";

/**
 * `npm run secrets`: writes the secrets of docker-compose.yml to secrets/. What is there already stays. Files that name one
 * password are made together or not at all.
 */
await mkdir("secrets", { mode: 0o700, recursive: true });

// The owner of the schemas, and a role for each service, which `migrate` makes.
const owner = password();
if (await keep("postgres_password", owner)) await keep("database_url", databaseUrl("countersign", owner));
for (const service of serviceNames) {
  await keep(`database_url_${service}`, databaseUrl(service, password()));
}

// The users that ops/nats/nats.conf has.
const [auth, service] = [password(), password()];
if (await keep("nats_passwords", `AUTH_PASSWORD: "${auth}"\nSERVICE_PASSWORD: "${service}"`)) {
  await keep("events_url_auth", `nats://auth:${auth}@nats:4222`);
  await keep("events_url_service", `nats://service:${service}@nats:4222`);
}

const valkey = password();
if (await keep("valkey_config", `requirepass ${valkey}`)) await keep("redis_url", `redis://:${valkey}@valkey:6379`);

await keep("secrets_key", randomBytes(32).toString("base64"));

function databaseUrl(role: string, secret: string): string {
  return `postgres://${role}:${secret}@postgres:5432/countersign`;
}

function password(): string {
  return randomBytes(24).toString("base64url");
}

/** Readable for all, as a container's user is another than yours; the folder is closed to others on this machine. */
async function keep(name: string, value: string): Promise<boolean> {
  try {
    await writeFile(`secrets/${name}`, `${value}\n`, { mode: 0o444, flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      console.log(`secrets/${name} is there already`);
      return false;
    }
    throw error;
  }
  console.log(`secrets/${name} written`);
  return true;
}
