import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { hasNginx, type Nginx, startNginx } from "./nginx.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const tokens = z.object({ accessToken: z.string(), user: z.object({ id: z.string() }) });

/** Everything that depends on who asks and can be asked for by GET. */
const personal = [
  "/trpc/auth/me",
  "/trpc/auth/me?batch=1",
  "/trpc/auth/sessions.list",
  "/trpc/orders/list?input=%7B%7D",
  "/trpc/orders/list,list?batch=1&input=%7B%220%22%3A%7B%7D%2C%221%22%3A%7B%7D%7D",
  "/trpc/products/list?input=%7B%22limit%22%3A1%7D",
  "/trpc/orders/nothing",
  "/auth/nothing",
];

describe.skipIf(!hasNginx)(`nginx in front as a shared cache${hasNginx ? "" : ", skipped: no nginx here"}`, () => {
  let platform: Platform;
  let plain: Server;
  let nginx: Nginx;
  const who: Record<string, { headers: Record<string, string>; id: string }> = {};

  beforeAll(async () => {
    platform = await startTestPlatform();
    plain = createServer((_request, response) => response.end("{}")).listen(0, "127.0.0.1");
    await once(plain, "listening");
    const address = plain.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    nginx = await startNginx({
      "/": platform.url.replace("localhost", "127.0.0.1"),
      "/plain": `http://127.0.0.1:${port}`,
    });
    for (const { email, password } of demoUsers) {
      const body = JSON.stringify({ email, password, mode: "bearer" });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${platform.url}/auth/login`, { method: "POST", headers, body });
      const { accessToken, user } = tokens.parse(await answer.json());
      who[email] = { headers: { authorization: `Bearer ${accessToken}` }, id: user.id };
      who[`${email} by cookie`] = { headers: { cookie: `auth_token=${accessToken}` }, id: user.id };
    }
    who["nobody"] = { headers: {}, id: "nobody" };
  });
  afterAll(async () => {
    await nginx?.stop();
    plain?.close();
    await platform?.stop();
  });

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${nginx.url}${path}`, { headers });
    return { status: answer.status, cache: answer.headers.get("x-cache"), text: await answer.text() };
  };

  it("keeps what does not forbid it, else this test would prove nothing", async () => {
    expect((await get("/plain")).cache).toBe("MISS");
    expect((await get("/plain")).cache).toBe("HIT");
  });

  it("keeps the published keys", async () => {
    await get("/.well-known/jwks.json");
    expect(await get("/.well-known/jwks.json")).toMatchObject({ status: 200, cache: "HIT" });
  });

  it.each(personal)("never gives one user's answer to another: %s", async (path) => {
    const ids = Object.values(who).map(({ id }) => id);
    for (const { headers, id } of [...Object.values(who), ...Object.values(who).toReversed()]) {
      const { cache, text } = await get(path, headers);
      expect(cache).not.toBe("HIT");
      expect(ids.filter((other) => other !== id && text.includes(other))).toEqual([]);
    }
  });

  it("gives everyone their own", async () => {
    for (const { headers, id } of Object.values(who)) {
      const { text } = await get("/trpc/auth/me", headers);
      expect(text).toContain(id === "nobody" ? "UNAUTHORIZED" : id);
    }
  });
});
