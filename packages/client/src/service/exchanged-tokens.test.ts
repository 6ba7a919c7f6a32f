import { beforeEach, describe, expect, it } from "vitest";

import { type AuthorizationServer, createAuthorizationServer } from "../../test/authorization-server.ts";
import {
  type CallSubject,
  createExchangedTokens,
  type ExchangedTokens,
  type ExchangeFailure,
} from "./exchanged-tokens.ts";

let time: number;
let server: AuthorizationServer;
let failures: ExchangeFailure[];
let tokens: ExchangedTokens;
const now = (): number => time;
const pass = (seconds: number): void => {
  time += seconds * 1_000;
};
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(async () => {
  time = Date.parse("2026-01-01T00:00:00Z");
  server = await createAuthorizationServer(now);
  failures = [];
  tokens = open();
});

function open(remember = 100): ExchangedTokens {
  const { tokenEndpoint, issuer, key, fetch } = server;
  const onFailure = (failure: ExchangeFailure): void => void failures.push(failure);
  return createExchangedTokens({ service: "orders", tokenEndpoint, issuer, key, fetch, now, onFailure, remember });
}

function subjectOf(name: string, lifeSeconds = 600): CallSubject {
  const ids = { tokenId: `jti-${name}`, userId: `user-${name}`, sessionId: `session-${name}` };
  return { token: name, ...ids, expiresAt: time / 1_000 + lifeSeconds };
}

const ask = (name: string, callee: "inventory" | "products" = "inventory"): Promise<string> =>
  tokens.tokenFor({ callee, subject: subjectOf(name) });

describe("an exchange", () => {
  it("gives the user's token for one that is meant for one callee, and is part of the request's trace", async () => {
    const headers = { "x-request-id": "r-1", traceparent: "00-1-2-01" };
    expect(await tokens.tokenFor({ callee: "inventory", subject: subjectOf("alice"), headers })).toBe(
      "alice@inventory-1",
    );
    expect(Object.fromEntries(server.requests[0] ?? [])).toMatchObject({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: "alice",
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience: "inventory",
    });
    expect(Object.fromEntries(server.headers[0] ?? [])).toMatchObject(headers);
  });

  it("is made once for many calls at once, for each user and each callee", async () => {
    const asked = await Promise.all(Array.from({ length: 50 }, () => ask("alice")));
    expect(new Set(asked)).toEqual(new Set(["alice@inventory-1"]));
    expect([await ask("bob"), await ask("alice", "products")]).toEqual(["bob@inventory-2", "alice@products-3"]);
    expect(server.requests).toHaveLength(3);
  });

  it("is kept for the granted life and no longer, and renewed in the background before that", async () => {
    await ask("alice");
    pass(95);
    expect(await ask("alice")).toBe("alice@inventory-1");
    pass(1);
    expect(await ask("alice")).toBe("alice@inventory-1");
    await settle();
    expect(await ask("alice")).toBe("alice@inventory-2");
    pass(120);
    expect(await ask("alice")).toBe("alice@inventory-3");
  });

  it("never outlives the subject token, whatever was granted, and is not renewed for nothing before its end", async () => {
    const subject = subjectOf("alice", 60);
    const again = () => tokens.tokenFor({ callee: "inventory", subject });
    await again();
    pass(59);
    expect(await again()).toBe("alice@inventory-1");
    await settle();
    expect(server.requests).toHaveLength(1);
    pass(1);
    expect(await again()).toBe("alice@inventory-2");
  });

  it.each([
    ["says nothing of what it issued", { access_token: "t", token_type: "Bearer", expires_in: 60 }],
    ["issued something else", { access_token: "t", token_type: "Bearer", expires_in: 60, issued_token_type: "jwt" }],
  ])("is no good when the answer %s", async (_name, body) => {
    server.answer = () => Response.json(body);
    await expect(ask("alice")).rejects.toMatchObject({ code: "malformed", message: /issued_token_type/ });
  });
});

describe("a subject that is refused", () => {
  it("is asked for again only after a pause, and holds up nobody else", async () => {
    server.refused.add("mallory");
    await expect(ask("mallory")).rejects.toMatchObject({ code: "refused" });
    await expect(ask("mallory")).rejects.toMatchObject({ code: "refused" });
    expect(server.requests).toHaveLength(1);
    expect(await ask("alice")).toBe("alice@inventory-2");
    expect(failures).toMatchObject([{ callee: "inventory", userId: "user-mallory", error: { code: "refused" } }]);
    expect(JSON.stringify(failures)).not.toContain('"mallory"');
  });
});

describe("what is remembered", () => {
  it.each([
    ["session", "session-alice"],
    ["user", "user-alice"],
    ["token", "jti-alice"],
  ] as const)("is forgotten with its %s, and nobody else's is", async (kind, id) => {
    await Promise.all([ask("alice"), ask("alice", "products"), ask("bob")]);
    tokens.forget({ kind, id });
    expect(tokens.size()).toBe(1);
    await ask("bob");
    expect(server.requests).toHaveLength(3);
    await ask("alice");
    expect(server.requests).toHaveLength(4);
  });

  it.each(["service", "key"] as const)("is forgotten as a whole when a %s has ended", async (kind) => {
    await Promise.all([ask("alice"), ask("bob")]);
    tokens.forget({ kind, id: "any" });
    expect(tokens.size()).toBe(0);
  });

  it("is not what was asked for before the end and granted after it", async () => {
    const granted = Promise.withResolvers<void>();
    const real = server.fetch;
    const { tokenEndpoint, issuer, key } = server;
    const slow: typeof real = async (input, init) => {
      const answer = await real(input, init);
      await granted.promise;
      return answer;
    };
    tokens = createExchangedTokens({ service: "orders", tokenEndpoint, issuer, key, fetch: slow, now });
    const asked = ask("alice");
    await settle();
    tokens.forget({ kind: "session", id: "session-alice" });
    granted.resolve();
    await asked;
    expect(tokens.size()).toBe(0);
    expect(await ask("alice")).toBe("alice@inventory-2");
  });

  it("is bounded, and leaves with the subject's end", async () => {
    tokens = open(2);
    for (const name of ["alice", "bob", "carol"]) await ask(name);
    expect(tokens.size()).toBe(2);
    pass(601);
    await ask("dave");
    expect(tokens.size()).toBe(1);
  });

  it("is forgotten when the callee refuses it, once in ten seconds, by whatever number of calls", async () => {
    const exchange = { callee: "inventory", subject: subjectOf("alice") } as const;
    const refused = async (token: string) => {
      for (let call = 0; call < 3; call++) tokens.drop(exchange, token);
      return await tokens.tokenFor(exchange);
    };
    expect(await refused(await tokens.tokenFor(exchange))).toBe("alice@inventory-2");
    expect(await refused("alice@inventory-2")).toBe("alice@inventory-2");
    pass(10);
    expect(await refused("alice@inventory-1")).toBe("alice@inventory-2"); // the one before
    expect(await refused("alice@inventory-2")).toBe("alice@inventory-3");
  });

  it("is not used again when the callee heard of the subject's end first: auth says so, a moment after the exchange", async () => {
    const exchange = { callee: "inventory", subject: subjectOf("alice") } as const;
    const token = await tokens.tokenFor(exchange);
    server.refused.add("alice");
    tokens.drop(exchange, token);
    await expect(tokens.tokenFor(exchange)).rejects.toMatchObject({ code: "refused", refused: "subject" });
  });
});
