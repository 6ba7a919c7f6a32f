import type { Database } from "@countersign/database";
import { type DenialReport, denialReport, isEventKeyOf, isReporter, signedReport } from "@countersign/service";
import { type PublicJwk, TokenError, type TokenErrorCode, verifyDenialReport } from "@countersign/tokens";
import { type ReportKey, readReportKeys } from "../services/report-keys.ts";

/** An event of the topic of denials as it came from the bus: nothing in it is proved yet. */
export type RawDenial = { readonly key: string; readonly data: unknown };

/**
 * Why a report is not taken: nobody signed it, its signature or its claims are wrong, it was signed with a key that had
 * been retired, it came under a key that is not its own, it holds no report, or it speaks of another service.
 */
export type DenialRefusal =
  | "unsigned"
  | TokenErrorCode
  | "retired_key"
  | "another_key"
  | "unreadable"
  | "another_service";

/** The report that an event holds, or why it is not taken. */
export type ReadDenial =
  | { readonly report: DenialReport }
  | { readonly refused: DenialRefusal; readonly cause: unknown };

/** Reads an event, and verifies that the service of its report signed it; rejects when the keys cannot be read. */
export type DenialReader = (event: RawDenial) => Promise<ReadDenial>;

export type DenialReaderDeps = {
  readonly db: Database;
  readonly issuer: string;
  /** With which auth signs its own reports; those of others are registered. */
  readonly ownKeys: readonly PublicJwk[];
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** How far the clock of a service may be from that of the retirement of its key, in milliseconds. */
const tolerance = 60_000;

/**
 * Reads reports by the keys that are registered for their services at that moment: every report costs a row of the log
 * anyway, and a service that was disabled is heard no more at once.
 */
export function createDenialReader({ db, issuer, ownKeys, now }: DenialReaderDeps): DenialReader {
  const own: readonly ReportKey[] = ownKeys.map((publicJwk) => ({ publicJwk, retiredAt: null }));

  async function keysOf(reporter: string): Promise<readonly ReportKey[]> {
    if (reporter === "auth") return own;
    return isReporter(reporter) ? await readReportKeys(db, reporter, now()) : [];
  }

  return async ({ key, data }) => {
    const signed = signedReport.safeParse(data);
    if (!signed.success) return { refused: "unsigned", cause: signed.error };
    let keys: readonly ReportKey[] = [];
    const registered = async (reporter: string) => {
      keys = await keysOf(reporter);
      return keys.map(({ publicJwk }) => publicJwk);
    };
    try {
      const policy = { audience: issuer, now };
      const { reporter, id, issuedAt, keyId, report } = await verifyDenialReport(
        signed.data.report,
        registered,
        policy,
      );
      const retiredAt = keys.find(({ publicJwk }) => publicJwk.kid === keyId)?.retiredAt ?? null;
      if (retiredAt !== null && issuedAt * 1000 > retiredAt + tolerance) return { refused: "retired_key", cause: null };
      if (id !== key || !isEventKeyOf(reporter, key)) return { refused: "another_key", cause: null };
      const read = denialReport.safeParse(report);
      if (!read.success) return { refused: "unreadable", cause: read.error };
      if (read.data.service !== reporter) return { refused: "another_service", cause: null };
      return { report: read.data };
    } catch (cause) {
      if (cause instanceof TokenError) return { refused: cause.code, cause };
      throw cause;
    }
  };
}
