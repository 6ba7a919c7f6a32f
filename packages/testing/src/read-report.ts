import { type DenialReport, denialReport, type SignedReport, signedReport } from "@countersign/service";
import { readClaims } from "./read-claims.ts";

/** The report of an event of the topic `denials`, its signature unchecked; throws where there is none. */
export function readReport(data: unknown): DenialReport {
  const { report }: SignedReport = signedReport.parse(data);
  return denialReport.parse(readClaims(report).report);
}
