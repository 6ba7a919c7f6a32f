import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { type Example, go, python } from "./foreign/examples.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const signedIn = z.object({ accessToken: z.string(), user: z.object({ id: z.string() }) });

describe.each([python, go])("beside the platform", { timeout: 60_000 }, ({ language, missing, prepare }) => {
  describe.skipIf(missing !== "")(`a service in ${language}${missing}`, () => {
    let platform: Platform;
    let prepared: ReturnType<Example["prepare"]>;
    let service: ChildProcess;
    let url = "";
    beforeAll(async () => {
      prepared = prepare();
      platform = await startTestPlatform();
      const { command, args, env: own } = prepared.service;
      const env = { ISSUER: platform.url, AUDIENCE: "orders", ALGORITHM: "ES256", PORT: "0", ...own };
      service = spawn(command, [...args], { env, stdio: ["ignore", "pipe", "inherit"] });
      if (service.stdout === null) throw new Error("It says nothing.");
      const [line] = await once(createInterface(service.stdout), "line");
      url = `http://127.0.0.1:${String(line).split(" ").at(-1)}`;
    }, 240_000);
    afterAll(async () => {
      service.kill("SIGTERM");
      await once(service, "exit");
      prepared.remove();
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
      const [nobody, bad] = ["Bearer", 'Bearer error="invalid_token"'];
      const refused: [string, Record<string, string>][] = [
        [nobody, {}],
        [nobody, { "x-user-id": "admin", "x-user-roles": "admin" }],
        [bad, { authorization: `Bearer ${head}.${claims}.${mac}` }],
        [bad, { authorization, "x-countersign-assertion": accessToken }],
        [bad, { "x-countersign-assertion": accessToken }],
      ];
      for (const [challenge, headers] of refused) {
        const answer = await whoami(headers);
        expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, challenge]);
      }
    });
  });
});
