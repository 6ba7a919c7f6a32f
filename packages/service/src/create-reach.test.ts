import { generateKeyPairSync } from "node:crypto";
import { importSigningKey } from "@countersign/client/service";
import { createInProcessBus } from "@countersign/events";
import { createFakeClock, createTestIssuer, silentLog } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { connectChassis } from "./connect-chassis.ts";
import { localOrigins } from "./local-origins.ts";
import type { TokenCheckSetting } from "./settings/token-check.ts";

type World = {
  readonly tokenCheck?: TokenCheckSetting;
  /** What others answer; every one of them is down unless told. */
  readonly answer?: (url: string) => Response;
};

async function down(): Promise<never> {
  throw new TypeError("fetch failed");
}

/** Orders among the others. */
async function open({ tokenCheck = { by: "keys" }, answer }: World = {}) {
  const issuer = await createTestIssuer();
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const clock = createFakeClock();
  const asked: string[] = [];
  const warnings: object[] = [];
  const bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
  const chassis = connectChassis({
    service: "orders",
    issuer: issuer.issuer,
    algorithms: ["ES256"],
    origins: localOrigins(),
    tokenCheck,
    key: () => importSigningKey({ ...jwk, kid: "key-1", alg: "ES256", use: "sig" }),
    bus,
    trustedProxies: [],
    log: { ...silentLog, warn: (fields) => void warnings.push(fields) },
    now: clock.now,
    fetch: async (input) => {
      const url = input instanceof Request ? input.url : String(input);
      const ofFeed = await issuer.feed.answer(url);
      if (ofFeed !== null) return ofFeed;
      asked.push(url);
      return answer === undefined ? down() : answer(url);
    },
  });
  const callFor = async (user: string) => {
    const ids = { tokenId: `jti-${user}`, userId: user, sessionId: `session-${user}` };
    const subject = { token: await issuer.userToken({ id: user }), ...ids, expiresAt: clock.now() / 1_000 + 600 };
    const call = { callee: "inventory", path: "reserve", input: {}, requestId: "request-1", subject } as const;
    return await chassis.gate.call(call);
  };
  const verify = async (user: string) => chassis.verifier.verify(await issuer.userToken({ id: user }));
  const revoke = async (kind: "key" | "service", id: string) => {
    const expiresAt = Math.floor(clock.now() / 1_000) + 600;
    const applied = new Promise<void>((resolve) => {
      const stop = chassis.onRevoked(() => {
        stop();
        resolve();
      });
    });
    await issuer.feed.publish(bus, { kind, id, ...(kind === "service" ? { below: 1 } : {}), expiresAt });
    await applied;
  };
  return { chassis, asked, warnings, callFor, verify, revoke, pass: (seconds: number) => clock.advance(seconds) };
}

const unavailable = {
  code: "SERVICE_UNAVAILABLE",
  message: "The service auth is not available right now; try again.",
};

it("fails for a user while auth is down, names auth, and tells the log why", async () => {
  const { warnings, callFor } = await open();
  await expect(callFor("alice")).rejects.toMatchObject(unavailable);
  expect(warnings).toMatchObject([
    { callee: "inventory", userId: "alice", reason: "unreachable" },
    { callee: "inventory", procedure: "reserve", requestId: "request-1", err: { code: "unreachable" } },
  ]);
});

it("asks an auth that does not answer no more than five times, whoever the user is, and shows that it stopped", async () => {
  const { chassis, asked, warnings, callFor } = await open();
  for (const user of ["a", "b", "c", "d", "e", "f", "g"])
    await expect(callFor(user)).rejects.toMatchObject(unavailable);
  expect(asked).toHaveLength(5);
  expect(warnings).toContainEqual({ callee: "auth", circuit: "open" });
  expect((await chassis.metrics.read()).body).toMatch(
    /^countersign_circuit_open\{callee="auth",service="orders"\} 1$/m,
  );
});

it("asks it about tokens no more often either, where auth decides what they are worth", async () => {
  const { chassis, asked, verify } = await open({ tokenCheck: { by: "introspection", rememberSeconds: 5 } });
  for (const user of ["a", "b", "c", "d", "e", "f", "g"])
    await expect(verify(user)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(asked).toEqual(Array(5).fill("http://127.0.0.1:4001/oauth/introspect"));
  expect((await chassis.metrics.read()).body).toMatch(
    /^countersign_circuit_open\{callee="auth",service="orders"\} 1$/m,
  );
});

describe("a token of its own", () => {
  const answer = (url: string): Response =>
    url.endsWith("/oauth/token")
      ? Response.json({ access_token: "t", token_type: "Bearer", expires_in: 300 })
      : Response.json({ result: { data: 3 } });
  const call = { callee: "inventory", path: "levels", input: {}, requestId: "request-1" } as const;

  it.each([
    ["the key that signed it may be revoked", "key", "key-9", 2],
    ["it was disabled, and let back in", "service", "orders", 2],
    ["another service was disabled", "service", "products", 1],
  ] as const)("is asked for anew, or kept, when %s: %s %s", async (_why, kind, id, requests) => {
    const { chassis, asked, revoke } = await open({ answer });
    await chassis.feed.ready;
    await chassis.gate.call(call);
    await revoke(kind, id);
    await chassis.gate.call(call);
    expect(asked.filter((url) => url.endsWith("/oauth/token"))).toHaveLength(requests);
  });
});

describe("the credential of a service", () => {
  const refused = (status: number, error: string) => () => Response.json({ error }, { status });
  const granted = () => Response.json({ access_token: "t", token_type: "Bearer", expires_in: 300 });
  const exchangedToken = "urn:ietf:params:oauth:token-type:access_token";

  it("is refused in its readiness, and in the words of its calls, from when auth refuses it until auth takes it", async () => {
    let answer: () => Response = refused(401, "invalid_client");
    const { chassis, callFor, pass } = await open({ answer: () => answer() });
    expect(await chassis.checks["credential"]?.()).toBe("refused");
    await expect(callFor("alice")).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      message: "The service orders cannot act right now: auth refuses its credential.",
    });
    answer = () => down503();
    pass(6);
    expect(await chassis.checks["credential"]?.()).toBe("refused"); // the last that auth said
    answer = granted;
    pass(6);
    expect(await chassis.checks["credential"]?.()).toBeUndefined();
  });

  it("is looked at again at once when auth revokes what the service has", async () => {
    let answer: () => Response = granted;
    const { chassis, asked, revoke } = await open({ answer: () => answer() });
    await chassis.feed.ready;
    for (let looks = 0; looks < 5; looks++) expect(await chassis.checks["credential"]?.()).toBeUndefined();
    expect(asked).toHaveLength(1);
    answer = refused(401, "invalid_client");
    await revoke("service", "orders");
    expect(await chassis.checks["credential"]?.()).toBe("refused");
  });

  it("says nothing while auth does not answer, and a user's token that auth refuses is the user's own 401", async () => {
    let answer: () => Response = () => down503();
    const { chassis, callFor } = await open({ answer: () => answer() });
    expect(await chassis.checks["credential"]?.()).toBeUndefined();
    answer = refused(400, "invalid_request");
    await expect(callFor("alice")).rejects.toMatchObject({
      code: "UNAUTHORIZED",
      message: "The access token is invalid or has ended; sign in again.",
    });
    expect(await chassis.checks["credential"]?.()).toBeUndefined();
    answer = refused(400, "invalid_target");
    await expect(callFor("bob")).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      message: "The service orders cannot act right now: auth gives it no token for inventory.",
    });
    answer = () => Response.json({ access_token: "t", issued_token_type: exchangedToken }, { status: 200 });
    await expect(callFor("carol")).rejects.toMatchObject(unavailable); // no answer of an authorization server
  });
});

function down503(): Response {
  return Response.json({ error: "temporarily_unavailable" }, { status: 503 });
}
