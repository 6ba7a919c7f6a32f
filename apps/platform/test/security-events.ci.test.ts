import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import { startTestPlatform, temporaryFolder } from "./start-test-platform.ts";

const command = fileURLToPath(new URL("../../auth/src/cli/services.ts", import.meta.url));
const discovery = z.looseObject({ configuration_endpoint: z.url(), jwks_uri: z.url(), status_endpoint: z.url() });
const polled = z.object({ sets: z.record(z.string(), z.string()) });

it("a receiver that a command has registered gets events by the public door, and needs its secret there", async () => {
  const { folder, remove } = await temporaryFolder();
  const key = randomBytes(32);
  const env = { PATH: process.env["PATH"], DATA_DIR: folder, SECRETS_KEY: key.toString("base64") };
  const added = await promisify(execFile)(process.execPath, [command, "add-receiver", "shop"], { env });
  const [secret = ""] = /csr_[\w-]{43}/.exec(added.stdout) ?? [];
  const platform = await startTestPlatform({ dataDir: folder, secrets: [key] });
  try {
    const send = (url: string, { method = "POST", json = {}, as = secret }) =>
      fetch(url, {
        method,
        headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: JSON.stringify(json) }),
      });
    const found = await fetch(`${platform.url}/.well-known/ssf-configuration`);
    expect(found.headers.get("cache-control")).toBe("public, max-age=300");
    const { configuration_endpoint: streams, jwks_uri: keys } = discovery.parse(await found.json());
    expect(await (await fetch(keys)).json()).toMatchObject({ keys: [{ kty: "OKP" }] });
    expect((await send(streams, { as: "csr_wrong" })).status).toBe(401);
    const made = await send(streams, {});
    const stream = z.looseObject({ stream_id: z.string(), aud: z.string() }).parse(await made.json());
    expect([made.status, stream.aud]).toEqual([201, "urn:countersign:receiver:shop"]);
    const patched = await send(streams, {
      method: "PATCH",
      json: { stream_id: stream.stream_id, description: "ours" },
    });
    expect(await patched.json()).toMatchObject({ description: "ours" });

    const { email, password } = demoUsers[0];
    const json = { email, password, mode: "bearer" };
    const signedIn = await send(`${platform.url}/auth/login`, { json, as: "ignored" });
    const { accessToken } = z.looseObject({ accessToken: z.string() }).parse(await signedIn.json());
    const waiting = send(`${platform.url}/ssf/poll`, {});
    expect((await send(`${platform.url}/auth/logout`, { as: accessToken })).status).toBe(200);
    expect(Object.keys(polled.parse(await (await waiting).json()).sets)).toHaveLength(1);
    const ended = await send(`${streams}?stream_id=${stream.stream_id}`, { method: "DELETE" });
    expect(ended.status).toBe(204);
  } finally {
    await platform.stop();
    await remove();
  }
}, 120_000);
