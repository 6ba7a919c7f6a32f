import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const script = fileURLToPath(new URL("../../../examples/python-service/service.py", import.meta.url));
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import jwt, cryptography"]).status === 0,
);
const missing = python === undefined ? ", skipped: no Python here has PyJWT and cryptography" : "";
const signedIn = z.object({ accessToken: z.string(), user: z.object({ id: z.string() }) });

describe.skipIf(missing !== "")(`a service in Python beside the platform${missing}`, { timeout: 60_000 }, () => {
  let platform: Platform;
  let service: ChildProcess;
  let url = "";
  beforeAll(async () => {
    platform = await startTestPlatform();
    const env = { ISSUER: platform.url, AUDIENCE: "orders", ALGORITHM: "ES256", PORT: "0" };
    service = spawn(python ?? "", [script], { env, stdio: ["ignore", "pipe", "inherit"] });
    if (service.stdout === null) throw new Error("It says nothing.");
    const [line] = await once(createInterface(service.stdout), "line");
    url = `http://127.0.0.1:${String(line).split(" ").at(-1)}`;
  });
  afterAll(async () => {
    service.kill("SIGTERM");
    await once(service, "exit");
    await platform.stop();
  });

  const whoami = (headers: Record<string, string>) => fetch(`${url}/whoami`, { headers });
  async function signIn() {
    const [{ email, password }] = demoUsers;
    const response = await fetch(`${platform.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password, mode: "bearer" }),
    });
    return signedIn.parse(await response.json());
  }

  it("knows who calls with the token of a sign-in, by the keys that auth publishes", async () => {
    const { accessToken, user } = await signIn();
    const answer = await whoami({ authorization: `Bearer ${accessToken}` });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ userId: user.id, roles: ["user"], by: "user" });
  });

  it("refuses a bare name, a token that was touched, and two credentials at once", async () => {
    const { accessToken } = await signIn();
    const authorization = `Bearer ${accessToken}`;
    const [head = "", , mac = ""] = accessToken.split(".");
    const claims = Buffer.from(JSON.stringify({ sub: "admin", roles: ["admin"] })).toString("base64url");
    const refused: Record<string, string>[] = [
      {},
      { "x-user-id": "admin", "x-user-roles": "admin" },
      { authorization: `Bearer ${head}.${claims}.${mac}` },
      { authorization, "x-countersign-assertion": accessToken },
      { "x-countersign-assertion": accessToken },
    ];
    for (const headers of refused) {
      const answer = await whoami(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    }
  });
});
