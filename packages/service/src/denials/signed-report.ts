import { type SigningKey, signDenialReport } from "@countersign/client/service";
import { z } from "zod";
import type { DenialReport } from "./denial-report.ts";

/** The data of an event of the topic `denials`: a report that its service has signed (`denial-report+jwt`). */
export const signedReport = z.object({ report: z.string().max(4096) });

export type SignedReport = z.output<typeof signedReport>;

export type SignedReportOptions = {
  /** The `jti`, and the key of the event: `eventKeyOf` makes it. */
  readonly id: string;
  readonly report: DenialReport;
  /** The service's own. */
  readonly key: SigningKey;
  /** The issuer of tokens, who alone reads reports. */
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/**
 * Signs a report, as its event holds it.
 *
 * @throws TokenError when the report cannot be signed
 */
export async function signReport({ id, report, key, issuer, now }: SignedReportOptions): Promise<SignedReport> {
  return { report: await signDenialReport({ reporter: report.service, audience: issuer, id, report, key, now }) };
}

/**
 * Whether a service may use this key of an event: each has keys of its own, so that none can have another's report taken
 * for one that was written already.
 */
export function isEventKeyOf(reporter: string, key: string): boolean {
  return key.startsWith(`${reporter}.`);
}
