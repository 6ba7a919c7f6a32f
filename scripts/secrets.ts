import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";

/** `npm run secrets`: writes the secrets of docker-compose.yml to secrets/. What is there already stays. */
const password = randomBytes(24).toString("base64url");

await mkdir("secrets", { mode: 0o700, recursive: true });
const isNew = await keep("postgres_password", password);
// The two name one password, so they are made together or not at all.
if (isNew) await keep("database_url", `postgres://countersign:${password}@postgres:5432/countersign`);
await keep("secrets_key", randomBytes(32).toString("base64"));

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
