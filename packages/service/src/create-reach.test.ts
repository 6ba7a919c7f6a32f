import { generateKeyPairSync } from "node:crypto";
import { importSigningKey } from "@countersign/client/service";
import { createInProcessBus } from "@countersign/events";
import { createFakeClock, createTestIssuer, silentLog } from "@countersign/testing";
import { expect, it } from "vitest";
import { connectChassis } from "./connect-chassis.ts";
import { localOrigins } from "./local-origins.ts";
import type { TokenCheckSetting } from "./token-check-settings.ts";

/** Orders, while every other service is down. */
async function open(tokenCheck: TokenCheckSetting = { by: "keys" }) {
  const issuer = await createTestIssuer();
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const clock = createFakeClock();
  const asked: string[] = [];
  const warnings: object[] = [];
  const chassis = connectChassis({
    service: "orders",
    issuer: issuer.issuer,
    algorithms: ["ES256"],
    origins: localOrigins(),
    tokenCheck,
    privateKey: await importSigningKey({ ...jwk, kid: "key-1", alg: "ES256", use: "sig" }),
    bus: createInProcessBus({ now: clock.now, retentionMs: 60_000 }),
    trustedProxies: [],
    log: { ...silentLog, warn: (fields) => void warnings.push(fields) },
    now: clock.now,
    fetch: async (input) => {
      asked.push(input instanceof Request ? input.url : String(input));
      throw new TypeError("fetch failed");
    },
  });
  const callFor = async (user: string) => {
    const ids = { tokenId: `jti-${user}`, userId: user, sessionId: `session-${user}` };
    const subject = { token: await issuer.userToken({ id: user }), ...ids, expiresAt: clock.now() / 1_000 + 600 };
    const call = { callee: "inventory", path: "reserve", input: {}, requestId: "request-1", subject } as const;
    return await chassis.gate.call(call);
  };
  const verify = async (user: string) => chassis.verifier.verify(await issuer.userToken({ id: user }));
  return { chassis, asked, warnings, callFor, verify };
}

const unavailable = {
  code: "SERVICE_UNAVAILABLE",
  message: "The service inventory is not available right now; try again.",
};

it("fails for a user while auth is down, names the callee alone, and tells the log why", async () => {
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
  const { chassis, asked, verify } = await open({ by: "introspection", rememberSeconds: 5 });
  for (const user of ["a", "b", "c", "d", "e", "f", "g"])
    await expect(verify(user)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(asked).toEqual(Array(5).fill("http://127.0.0.1:4001/oauth/introspect"));
  expect((await chassis.metrics.read()).body).toMatch(
    /^countersign_circuit_open\{callee="auth",service="orders"\} 1$/m,
  );
});
