import { fileURLToPath } from "node:url";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus, type EventBus } from "@countersign/events";
import type { ServiceApp } from "@countersign/service";
import { createFakeClock, type FakeClock, silentLog } from "@countersign/testing";
import { createApp } from "../src/app.ts";
import { type Auth, type AuthOptions, openAuth } from "../src/open-auth.ts";

/** For `describeDatabases`. */
export const migrations = [{ name: "auth", folder: fileURLToPath(new URL("../drizzle", import.meta.url)) }];

export const publicUrl = "http://localhost:4000";

export type TestAuth = { auth: Auth; app: ServiceApp; clock: FakeClock; bus: EventBus };

/** The auth service on this database, with a clock that stands, cheap hashes, and everything else as in production. */
export async function openTestAuth(database: OpenDatabase, options: Partial<AuthOptions> = {}): Promise<TestAuth> {
  const clock = createFakeClock();
  const bus = createInProcessBus({ now: clock.now, retentionMs: 20 * 60_000 });
  const auth = await openAuth({
    database,
    bus,
    issuer: publicUrl,
    algorithm: "EdDSA",
    secrets: [new Uint8Array(32).fill(7)],
    trustedProxies: ["10.0.0.0/8"],
    log: silentLog,
    now: clock.now,
    monotonic: options.now ?? clock.now,
    cost: { memoryCost: 64, timeCost: 1, parallelism: 1 },
    ...options,
  });
  await auth.chassis.feed.ready;
  return { auth, app: createApp(auth), clock, bus };
}

/** An address that no other test has. */
export function someEmail(): string {
  return `user-${crypto.randomUUID()}@example.com`;
}
