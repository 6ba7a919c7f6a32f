import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** Auth in a process of its own. */
export type AuthProcess = { readonly url: string; stop(): Promise<void> };

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const listening = z.looseObject({ url: z.url() });

/** Starts `src/main.ts` on the runtime of this process, on any free port, and resolves when it says where it listens. */
export async function startAuthProcess(databaseUrl: string): Promise<AuthProcess> {
  const secret = Buffer.alloc(32, 3).toString("base64");
  const settings = { DATABASE_URL: databaseUrl, SECRETS_KEY: secret, TOKEN_ALG: "EdDSA", PORT: "0", LOG_LEVEL: "info" };
  const env = { PATH: process.env["PATH"], ...settings };
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  };
  const lines = createInterface({ input: child.stdout });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.on("line", (line) => {
    const said = line.includes('"Listening.') ? listening.safeParse(JSON.parse(line)) : null;
    if (said?.success) resolve(said.data.url);
  });
  exited.then(() => reject(new Error("Auth ended while it started; see above.")), reject);
  return { url: await promise, stop };
}
