import type { ClientName } from "@countersign/access";
import type { EventBus } from "@countersign/events";
import { type DenialReport, denialTopic, signReport } from "@countersign/service";
import { createTestServiceKey, type TestServiceKey } from "@countersign/testing";
import { addServiceKey } from "../src/services/service-keys.ts";
import { publicUrl, type TestAuth } from "./open-test-auth.ts";

/** A refusal that a service could report, of a request of its own. */
export function reportOf(service: DenialReport["service"]): DenialReport {
  const who = { userId: null, caller: "products", address: "192.0.2.7" };
  const times = { count: 1, firstAt: 1_772_366_400_000, lastAt: 1_772_366_400_000 };
  return { service, procedure: "levels", reason: "wrong_caller", ...who, ...times, requestId: crypto.randomUUID() };
}

/** A key of a service that auth knows. */
export async function registerServiceKey({ auth, clock }: TestAuth, service: ClientName): Promise<TestServiceKey> {
  const made = await createTestServiceKey();
  await addServiceKey(auth.deps.db, { service, publicJwk: made.publicJwk }, { actor: "test", at: clock.now() });
  return made;
}

/** Publishes a report as its service does, each under a key of its own unless told. */
export async function publishReport(
  bus: EventBus,
  { key, report, now, id }: Pick<TestServiceKey, "key"> & { report: DenialReport; now: () => number; id?: string },
): Promise<string> {
  const made = id ?? `${report.service}.${crypto.randomUUID()}`;
  const data = await signReport({ id: made, report, key: await key(), issuer: publicUrl, now });
  await bus.publish(denialTopic, { key: made, data });
  return made;
}
