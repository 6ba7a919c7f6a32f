import { randomBytes } from "node:crypto";
import { readSettings } from "@countersign/service";
import { callProcedure, createTestIssuer } from "@countersign/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Platform } from "../src/run/start-platform.ts";
import { scriptLike } from "../src/story/shop-client.ts";
import { tellStory } from "../src/story/tell-story.ts";
import { startTestPlatform } from "./start-test-platform.ts";

describe("the insecure shared secret", () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startTestPlatform({ insecureSharedSecrets: [randomBytes(32)] });
  });
  afterAll(() => platform.stop());

  it("carries the whole story, with HS256 tokens and nothing published", async () => {
    await tellStory({ url: platform.url, fetch: globalThis.fetch, proved: () => undefined });
    const { session, tokens } = scriptLike(platform.url, globalThis.fetch);
    await session.login({ email: "alice@example.com", password: "alice-demo-2026" });
    const [header = ""] = ((await tokens.get())?.accessToken ?? "").split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ alg: "HS256", typ: "at+jwt" });
    expect(await (await fetch(`${platform.url}/.well-known/jwks.json`)).json()).toEqual({ keys: [] });
  });

  it("believes no token that a key signed", async () => {
    const orders = {
      request: (request: Request) => fetch(new URL(new URL(request.url).pathname, platform.origins.orders), request),
    };
    const token = await (await createTestIssuer()).userToken({ issuer: platform.url });
    expect(await callProcedure(orders, "list", { type: "query", token })).toMatchObject({ status: 401 });
  });

  it("stops a start with a secret that is too short, naming the variable", () => {
    const env = { INSECURE_SHARED_TOKEN_SECRET: randomBytes(16).toString("base64") };
    expect(() => readSettings("start", env)).toThrow(/INSECURE_SHARED_TOKEN_SECRET: .*at least 32/);
  });
});
