import { checkByKeys } from "@countersign/context";
import { createInProcessBus, type EventBus } from "@countersign/events";
import type { DenialReport } from "@countersign/service";
import { createTestIssuer, createTestServiceKey, readReport, silentLog, type TestIssuer } from "@countersign/testing";
import { generateSigningKey } from "@countersign/tokens";
import { type Assertions, createAssertions, createTrust, type Trust } from "../src/app.ts";
import { createTestGateway, type TestGateway, type TestOptions } from "./harness.ts";

export type Trusting = TestGateway & {
  readonly issuer: TestIssuer;
  readonly trust: Trust;
  readonly assertions: Assertions;
  readonly bus: EventBus;
  /** What was reported as refused, once it was published. */
  readonly denials: readonly DenialReport[];
};

type TestTrust = Pick<Trusting, "issuer" | "trust" | "assertions" | "bus" | "denials">;

/** What a gateway needs in order to verify tokens of a test issuer. */
export async function createTestTrust(now: () => number = Date.now): Promise<TestTrust> {
  const issuer = await createTestIssuer({ now });
  const bus = createInProcessBus({ now, retentionMs: 60_000 });
  const denials: DenialReport[] = [];
  bus.subscribe("denials", { onEvent: ({ data }) => void denials.push(readReport(data)) });
  const check = checkByKeys(issuer.keys);
  const trust = createTrust({
    issuer: issuer.issuer,
    algorithms: ["ES256"],
    check,
    source: issuer.feed.source,
    key: (await createTestServiceKey()).key,
    bus,
    log: silentLog,
    now,
  });
  const { privateJwk } = await generateSigningKey("ES256");
  const assertions = await createAssertions({ issuer: "http://localhost:4000", privateJwks: [privateJwk], now });
  await trust.feed.ready;
  return { issuer, trust, assertions, bus, denials };
}

/** A gateway that verifies tokens of a test issuer, with one upstream, `reports`, at http://reports.test. */
export async function createTrustingGateway(options: TestOptions & { now?: () => number } = {}): Promise<Trusting> {
  const tools = await createTestTrust(options.now);
  const { trust, assertions } = tools;
  const gateway = createTestGateway({ trust, assertions, apis: { reports: "http://reports.test" }, ...options });
  return { ...tools, ...gateway };
}
